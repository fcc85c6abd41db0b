package import Runtime

/// Builds JSON text, as UTF-8, without white space.
///
/// Commas are set by the writer; that names, values and closings come in an order that makes JSON is the caller's.
/// Several texts may follow each other with `newLine()` between them.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// Empties the writer and keeps its memory.
    package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    package mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
    }

    package mutating func endObject() { bytes.append(UInt8(ascii: "}")) }

    package mutating func beginArray() {
        separate()
        bytes.append(UInt8(ascii: "["))
    }

    package mutating func endArray() { bytes.append(UInt8(ascii: "]")) }

    package mutating func object(_ members: (inout JSONWriter) throws -> Void) rethrows {
        beginObject()
        try members(&self)
        endObject()
    }

    package mutating func array(_ elements: (inout JSONWriter) throws -> Void) rethrows {
        beginArray()
        try elements(&self)
        endArray()
    }

    /// The name of the member whose value comes next.
    package mutating func name(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    package mutating func null() { literal("null") }

    package mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

    package mutating func int<Value: FixedWidthInteger>(_ value: Value) {
        separate()
        bytes.appendDecimal(value)
    }

    /// A number with a fraction or an exponent that reads back the same; null for NaN and the infinities.
    package mutating func double(_ value: Double) {
        guard value.isFinite else { return null() }
        literal(value.description)
    }

    package mutating func string(_ text: some StringProtocol) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        var copy = text
        copy.withContiguousUTF8 { appendEscaped($0) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A time as RFC 3339 with `Z`.
    package mutating func timestamp(_ value: Timestamp) { string(value.rfc3339) }

    /// A value that is JSON text already.
    package mutating func raw(_ json: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
    }

    /// A value of a document, without white space.
    package mutating func raw(_ value: JSONValue) {
        separate()
        value.withMinified { bytes.append(contentsOf: $0) }
    }

    /// Ends a text; another may follow.
    package mutating func newLine() { bytes.append(UInt8(ascii: "\n")) }

    /// Appends ASCII that needs no escape and is part of a token already begun.
    private mutating func literal(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    /// A value needs a comma before it unless it is first: no value ends in one of these bytes.
    private mutating func separate() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"), UInt8(ascii: "\n"): break
        default: bytes.append(UInt8(ascii: ","))
        }
    }

    private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var clean = 0
        for index in text.indices {
            let byte = text[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            bytes.append(contentsOf: text[clean..<index])
            clean = index + 1
            bytes.append(UInt8(ascii: "\\"))
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
            case 0x08: bytes.append(UInt8(ascii: "b"))
            case 0x09: bytes.append(UInt8(ascii: "t"))
            case 0x0a: bytes.append(UInt8(ascii: "n"))
            case 0x0c: bytes.append(UInt8(ascii: "f"))
            case 0x0d: bytes.append(UInt8(ascii: "r"))
            default:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: "u00".utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            }
        }
        bytes.append(contentsOf: text[clean...])
    }
}

extension StringProtocol {
    fileprivate mutating func withContiguousUTF8(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        if utf8.withContiguousStorageIfAvailable(body) == nil {
            var copy = String(self)
            copy.withUTF8(body)
        }
    }
}

extension [UInt8] {
    mutating func appendDecimal<Value: FixedWidthInteger>(_ value: Value) {
        guard value != 0 else { return append(UInt8(ascii: "0")) }
        var magnitude = UInt64(value.magnitude)
        if value < 0 { append(UInt8(ascii: "-")) }
        let start = count
        while magnitude > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude % 10))
            magnitude /= 10
        }
        self[start...].reverse()
    }
}
