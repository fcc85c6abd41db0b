/// Builds one line of UTF-8 text in which nothing from outside can end the line or drive a terminal.
struct LogLine {
    /// Longer string values are cut, so that one peer's text cannot fill the disk.
    static let longestValue = 4096

    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(256) }

    mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func newline() { bytes.append(UInt8(ascii: "\n")) }

    mutating func time(_ time: Timestamp) { time.appendRFC3339Milliseconds(to: &bytes) }

    /// A JSON string.
    mutating func quoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        escaped(text)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A value of a text line: as it is if it is one plain word, otherwise quoted.
    mutating func word(_ text: String) {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !Self.needsQuotes.contains($0) }
        if isPlain { escaped(text) } else { quoted(text) }
    }

    /// A name of a text line: anything but letters, digits, `_`, `.` and `-` becomes `_`.
    mutating func plainName(_ name: String) {
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                bytes.append(byte)
            default: bytes.append(UInt8(ascii: "_"))
            }
        }
    }

    /// Text with JSON's escapes for quotes, backslashes and control characters, those beyond ASCII included.
    mutating func escaped(_ text: String) {
        var written = 0
        for scalar in text.unicodeScalars {
            let width = UTF8.width(scalar)
            if written + width > Self.longestValue {
                raw("…")
                return
            }
            written += width
            escaped(scalar)
        }
    }

    private static let needsQuotes = [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "=")]

    private mutating func escaped(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x22: raw("\\\"")
        case 0x5C: raw("\\\\")
        case 0x0A: raw("\\n")
        case 0x0D: raw("\\r")
        case 0x09: raw("\\t")
        // C0, DEL and C1, line and paragraph separators, and the marks that turn the direction of text.
        case 0x00...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069:
            let digits = String(scalar.value, radix: 16)
            raw("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
        case 0x20...0x7E: bytes.append(UInt8(scalar.value))
        default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }
}
