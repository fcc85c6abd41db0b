/// A `traceparent` taken apart (W3C Trace Context, section 3.2).
struct TraceParentText {
    /// Bytes of version 00, and at least of every later one.
    static let length = 55
    /// Where the dashes are.
    static let dashes = [2, 35, 52]

    let high: UInt64
    let low: UInt64
    let span: UInt64
    let flags: UInt64

    /// Nil for what is malformed, for zero ids and for the version ff, which the specification forbids.
    init?(_ whole: UnsafeBufferPointer<UInt8>) {
        let text = Self.trimmed(whole)
        guard text.count >= Self.length, Self.dashes.allSatisfy({ text[$0] == UInt8(ascii: "-") }),
            let version = Self.number(text, 0..<2), version != 0xff,
            let high = Self.number(text, 3..<19), let low = Self.number(text, 19..<35),
            let span = Self.number(text, 36..<52), let flags = Self.number(text, 53..<55),
            high | low != 0, span != 0
        else { return nil }
        // A later version may add fields, each after a dash.
        let isWhole = text.count == Self.length || (version > 0 && text[Self.length] == UInt8(ascii: "-"))
        guard isWhole else { return nil }
        (self.high, self.low, self.span, self.flags) = (high, low, span, flags)
    }

    /// Without the white space that may stand around a field's value.
    private static func trimmed(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let first = text.firstIndex(where: { !isBlank($0) }), let last = text.lastIndex(where: { !isBlank($0) })
        else { return UnsafeBufferPointer(rebasing: text[..<0]) }
        return UnsafeBufferPointer(rebasing: text[first...last])
    }

    /// The value of hexadecimal digits; nil where one is not, or in upper case, which the specification does not allow.
    private static func number(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UInt64? {
        var number: UInt64 = 0
        for index in range {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }
}
