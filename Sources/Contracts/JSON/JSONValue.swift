import CSimdJSON

/// One value of a `JSONDocument`, which it keeps alive.
///
/// Every read is typed and answers nil when the value is of another type; nothing is coerced except a whole number to
/// `double`.
package struct JSONValue: Sendable {
    let document: JSONDocument
    /// Where the value's word is on the tape.
    let index: Int

    /// What a value is.
    package enum Kind: Sendable {
        case null, bool
        /// A number without fraction or exponent that fits 64 bits.
        case integer
        case double, string, array, object
    }

    package var kind: Kind {
        switch word.type {
        case .true, .false: .bool
        case .int64, .uint64: .integer
        case .double: .double
        case .string: .string
        case .array: .array
        case .object: .object
        default: .null
        }
    }

    package var isNull: Bool { word.type == .null }

    package var bool: Bool? {
        switch word.type {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// A whole number; nil for one above `Int.max`.
    package var int: Int? { word.type == .int64 ? Int(Int64(bitPattern: document.tape[index + 1])) : nil }

    /// A whole number of at least 0.
    package var uint64: UInt64? {
        switch word.type {
        case .int64:
            let value = Int64(bitPattern: document.tape[index + 1])
            return value >= 0 ? UInt64(value) : nil
        case .uint64: return document.tape[index + 1]
        default: return nil
        }
    }

    /// Any number.
    package var double: Double? {
        let bits = word.type.isNumber ? document.tape[index + 1] : 0
        return switch word.type {
        case .int64: Double(Int64(bitPattern: bits))
        case .uint64: Double(bits)
        case .double: Double(bitPattern: bits)
        default: nil
        }
    }

    package var string: String? {
        withUTF8 { String(decoding: $0, as: UTF8.self) }
    }

    /// Calls `body` with a string's UTF-8, which lives only during the call; nil for another type.
    package func withUTF8<T>(_ body: (UnsafeBufferPointer<UInt8>) throws -> T) rethrows -> T? {
        guard word.type == .string else { return nil }
        return try withExtendedLifetime(document) { try body(document.text(word)) }
    }

    /// Whether the value is this string.
    package func isString(_ text: StaticString) -> Bool {
        word.type == .string && withExtendedLifetime(document) { document.text(word).equals(text) }
    }

    /// The value without white space, as UTF-8: numbers and strings keep their value, not their spelling.
    package var minified: [UInt8] {
        var writer = JSONWriter()
        writer.raw(self)
        return writer.bytes
    }

    /// Calls `body` with the value without white space; the bytes live only during the call, and `body` must not
    /// minify another value.
    func withMinified<T>(_ body: (UnsafeBufferPointer<UInt8>) -> T) -> T {
        withExtendedLifetime(document) {
            var length = 0
            guard let text = flotilla_json_minify(document.pointer, index, &length) else {
                preconditionFailure("out of memory")
            }
            return text.withMemoryRebound(to: UInt8.self, capacity: length) {
                body(UnsafeBufferPointer(start: $0, count: length))
            }
        }
    }

    /// The value's words on the tape: one past its last.
    var end: Int {
        switch word.type {
        case .object, .array: word.closing
        case .int64, .uint64, .double: index + 2
        default: index + 1
        }
    }

    var word: TapeWord { TapeWord(rawValue: document.tape[index]) }
}
