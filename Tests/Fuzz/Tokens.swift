/// The parts of a text that is JSON, or looks a little like it.
enum Tokens {
    /// Where strings, words and whole arrays and objects stand; also in text that is not well-formed.
    static func spans(of bytes: [UInt8]) -> [Range<Int>] {
        var spans: [Range<Int>] = []
        var open: [Int] = []
        var at = 0
        while at < bytes.count {
            let start = at
            switch bytes[at] {
            case UInt8(ascii: "\""):
                at += 1
                while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
                    at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
                }
                at = min(at + 1, bytes.count)
                spans.append(start..<at)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                open.append(at)
                at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                at += 1
                if let begin = open.popLast() { spans.append(begin..<at) }
            default:
                while at < bytes.count, isWord(bytes[at]) { at += 1 }
                if at > start { spans.append(start..<at) } else { at += 1 }
            }
        }
        return spans
    }

    /// Values with which programs have trouble.
    static let hostile: [[UInt8]] = texts.map { Array($0.utf8) } + badUTF8.map { [0x22] + $0 + [0x22] }

    /// Bytes with which programs have trouble, for the middle of a token.
    static let pieces: [[UInt8]] =
        badUTF8
        + [
            "\u{0}", "\\u0000", "\\ud800", "\\udfff", "\u{feff}", "\u{202e}", "\u{7f}", "%00", "%", "%2", "+", "#", "'",
            "\"", "\\", "/", "../", "\r\n", "\n", "\t", " ", ",", ":", ";", "=", ".", "-", "e", "9999999999", "\u{301}",
            "&", "?", "*", "@",
        ].map { Array($0.utf8) }

    /// Overlong forms, surrogates, what is beyond Unicode, and sequences that end too soon.
    private static let badUTF8: [[UInt8]] = [
        [0xff], [0xc0, 0xaf], [0xe0, 0x80, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80],
    ]

    private static let texts = [
        "0", "-0", "-0.0", "1", "-1", "2147483648", "4294967296", "9007199254740993", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615",
        "18446744073709551616", "99999999999999999999999999", "0.1", "1e308", "-1e308", "1e309", "1e-400", "5e-324",
        "1e20", "1e19", "-1e19", "1e10", "2e10", "253402300799", "253402300800", "-62135596801", "1e", "01", ".5",
        "NaN",
        "null", "true", "false", "[]", "{}", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udfff\\ud800\"",
        "\"\\ud83d\\ude00\"", "\"feedback\"", "\"..\"", "\"/etc/passwd\"", "\"'; DROP TABLE x; --\"", "\"1\"",
        "\"-9223372036854775808\"", "\"mqtt\"", "\"9999-12-31T23:59:59.999999Z\"", "\"9999-12-31T23:59:59-23:59\"",
        "\"0000-01-01T00:00:00+23:59\"", "\"0001-01-01T00:00:00+23:59\"", "\"2026-11-21T23:59:60Z\"",
        "\"2024-02-30T00:00:00Z\"", "\"" + String(repeating: "A", count: 300) + "\"",
        "\"" + String(repeating: "é", count: 40_000) + "\"",
    ]

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), 0x80...0xff:
            true
        default: false
        }
    }
}
