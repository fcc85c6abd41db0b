/// One line of a file of settings.
enum EnvironmentLine {
    /// What is wrong with a line, without what it says.
    struct Malformed: Error {
        let reason: String
    }

    /// Nil for an empty line or a comment.
    static func parse(_ line: Substring) throws(Malformed) -> (name: String, value: String)? {
        var rest = line.trimmingBlanks
        if rest.isEmpty || rest.first == "#" { return nil }
        if rest.hasPrefix("export"), rest.dropFirst(6).first?.isBlank == true {
            rest = rest.dropFirst(6).trimmingBlanks
        }
        guard let equals = rest.firstIndex(of: "=") else { throw Malformed(reason: "expected NAME=value") }
        let name = rest[..<equals].trimmingBlanks
        guard isName(name) else {
            throw Malformed(reason: "a name is made of letters, digits and _ and does not begin with a digit")
        }
        let value = try value(rest[rest.index(after: equals)...].trimmingBlanks)
        guard !value.contains("\0") else { throw Malformed(reason: "a value cannot hold a NUL character") }
        return (String(name), value)
    }

    private static func isName(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: "_") || isLetter($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        // 0x20 is what sets small letters apart from capitals in ASCII.
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func value(_ text: Substring) throws(Malformed) -> String {
        switch text.first {
        case "'": try quoted(text.dropFirst(), by: "'")
        case "\"": try quoted(text.dropFirst(), by: "\"")
        default: String(bare(text))
        }
    }

    private static func bare(_ text: Substring) -> Substring {
        var previous: Character = " "
        for index in text.indices {
            if text[index] == "#", previous.isBlank { return text[..<index].trimmingBlanks }
            previous = text[index]
        }
        return text
    }

    private static func quoted(_ text: Substring, by quote: Character) throws(Malformed) -> String {
        var result = ""
        var rest = text
        while let character = rest.popFirst() {
            if character == quote {
                let after = rest.trimmingBlanks
                guard after.isEmpty || (after.first == "#" && rest.first?.isBlank == true) else {
                    throw Malformed(reason: "only a comment may follow the closing quote")
                }
                return result
            }
            if character == "\\", quote == "\"" {
                result.append(try unescaped(rest.popFirst()))
            } else {
                result.append(character)
            }
        }
        throw Malformed(reason: "the quote is not closed")
    }

    private static func unescaped(_ character: Character?) throws(Malformed) -> Character {
        switch character {
        case "n": "\n"
        case "t": "\t"
        case "r": "\r"
        case "\"", "\\", "$": character ?? "\\"
        default:
            throw Malformed(reason: "in double quotes only \\n, \\t, \\r, \\\", \\\\ and \\$ may follow a backslash")
        }
    }
}
