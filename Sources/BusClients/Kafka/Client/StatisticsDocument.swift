internal import CSimdJSON

/// The statistics that librdkafka writes as JSON, parsed.
///
/// Reads simdjson's tape (doc/tape.md of simdjson 3.0): a word a token, its type in the top 8 bits, its payload below.
/// Source of the fields: STATISTICS.md of librdkafka 2.0.
///
/// `Contracts` has a full reader of such documents; this library must not know the fleet's messages.
final class StatisticsDocument {
    private let pointer: OpaquePointer

    /// Nil for a text that is no JSON.
    init?(_ text: UnsafeRawBufferPointer) {
        var error = FLOTILLA_JSON_OK
        guard let pointer = flotilla_json_parse(text.baseAddress, text.count, 32, &error) else { return nil }
        self.pointer = pointer
    }

    deinit { flotilla_json_free(pointer) }

    var root: Value { Value(document: self, index: 1) }

    /// One value; a read as another type than it has gives nil.
    struct Value {
        fileprivate let document: StatisticsDocument
        fileprivate let index: Int

        private var word: UInt64 { flotilla_json_tape(document.pointer)[index] }
        private var type: UInt8 { UInt8(word >> 56) }

        /// A number, whole or not.
        var number: Double? {
            let bits = flotilla_json_tape(document.pointer)[index + 1]
            return switch type {
            case UInt8(ascii: "l"): Double(Int64(bitPattern: bits))
            case UInt8(ascii: "u"): Double(bits)
            case UInt8(ascii: "d"): Double(bitPattern: bits)
            default: nil
            }
        }

        var text: String? { type == UInt8(ascii: "\"") ? document.text(at: index) : nil }

        /// The members of an object, in order; none for another type.
        var members: [(name: String, value: Value)] {
            guard type == UInt8(ascii: "{") else { return [] }
            var members: [(name: String, value: Value)] = []
            var at = index + 1
            while at < end - 1 {
                let value = Value(document: document, index: at + 1)
                members.append((document.text(at: at), value))
                at = value.end
            }
            return members
        }

        /// The member of that name.
        subscript(name: String) -> Value? { members.first { $0.name == name }?.value }

        /// The index after the value's last word.
        private var end: Int {
            switch type {
            case UInt8(ascii: "{"), UInt8(ascii: "["): Int(UInt32(truncatingIfNeeded: word))
            case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): index + 2
            default: index + 1
            }
        }
    }

    /// The string of the word at an index: 4 bytes of length, then UTF-8.
    private func text(at index: Int) -> String {
        let payload = flotilla_json_tape(pointer)[index] & 0x00ff_ffff_ffff_ffff
        let start = flotilla_json_strings(pointer) + Int(payload)
        let length = UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
        return String(decoding: UnsafeBufferPointer(start: start + 4, count: Int(length)), as: UTF8.self)
    }
}
