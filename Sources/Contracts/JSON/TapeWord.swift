/// One word of simdjson's tape. Source: doc/tape.md of simdjson 3.0.
struct TapeWord {
    let rawValue: UInt64

    /// The token that a word stands for: its top 8 bits.
    struct TokenType: RawRepresentable, Equatable {
        let rawValue: UInt8

        static let null = Self(rawValue: UInt8(ascii: "n"))
        static let `true` = Self(rawValue: UInt8(ascii: "t"))
        static let `false` = Self(rawValue: UInt8(ascii: "f"))
        static let int64 = Self(rawValue: UInt8(ascii: "l"))
        static let uint64 = Self(rawValue: UInt8(ascii: "u"))
        static let double = Self(rawValue: UInt8(ascii: "d"))
        static let string = Self(rawValue: UInt8(ascii: "\""))
        static let array = Self(rawValue: UInt8(ascii: "["))
        static let object = Self(rawValue: UInt8(ascii: "{"))

        var isNumber: Bool { self == .int64 || self == .uint64 || self == .double }
    }

    var type: TokenType { TokenType(rawValue: UInt8(rawValue >> 56)) }

    /// Of a string: where its length and bytes are.
    var payload: Int { Int(rawValue & 0x00ff_ffff_ffff_ffff) }

    /// Of an object or array: the index after its closing word.
    var closing: Int { Int(UInt32(truncatingIfNeeded: rawValue)) }

    /// Of an object or array: how many values it has, at most 0xFFFFFF.
    var count: Int { Int((rawValue >> 32) & 0xff_ffff) }
}

extension JSONDocument {
    /// The bytes of a string's word, which live as long as the document.
    func text(_ word: TapeWord) -> UnsafeBufferPointer<UInt8> {
        let start = strings + word.payload
        let length = UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
        return UnsafeBufferPointer(start: start + 4, count: Int(length))
    }
}

extension UnsafeBufferPointer<UInt8> {
    func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount
            && text.withUTF8Buffer { other in
                zip(self, other).allSatisfy { $0 == $1 }
            }
    }

    func equals(_ text: String) -> Bool {
        let utf8 = text.utf8
        return count == utf8.count && elementsEqual(utf8)
    }
}
