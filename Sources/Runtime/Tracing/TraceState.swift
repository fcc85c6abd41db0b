/// The rules of `tracestate` (W3C Trace Context, section 3.3).
enum TraceState {
    /// Characters that are passed on.
    static let maximumLength = 512
    /// Members that one may have.
    static let maximumMembers = 32
    /// Members longer than this go first when it is too long.
    private static let longMember = 128

    /// The members as they are passed on: as many as fit; nil when there is none, or one is malformed.
    static func bounded(_ text: String) -> String? {
        var members = text.split(separator: ",").map { $0.trimmingBlanks }
        // Empty members are allowed, and mean nothing.
        members.removeAll { $0.isEmpty }
        guard members.count <= maximumMembers, members.allSatisfy(isMember) else { return nil }
        var length = members.reduce(members.count - 1) { $0 + $1.utf8.count }
        // From the end: the members at the beginning are those of who wrote last.
        for isLongAlone in [true, false] {
            for index in members.indices.reversed() where length > maximumLength {
                guard !isLongAlone || members[index].utf8.count > longMember else { continue }
                length -= members.remove(at: index).utf8.count + 1
            }
        }
        return members.isEmpty ? nil : members.joined(separator: ",")
    }

    /// Whether it is `key=value`.
    private static func isMember(_ member: Substring) -> Bool {
        guard let sign = member.utf8.firstIndex(of: UInt8(ascii: "=")) else { return false }
        return isKey(member.utf8[..<sign]) && isValue(member.utf8[member.utf8.index(after: sign)...])
    }

    /// 1 to 256 of `a-z 0-9 _ - * /`, a letter first; or such a key of at most 241 that may begin with a digit, `@`, and
    /// one of at most 14.
    private static func isKey(_ key: Substring.UTF8View) -> Bool {
        let parts = key.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.allSatisfy({ $0.allSatisfy(isKeyByte) }) else { return false }
        switch parts.count {
        case 1: return (1...256).contains(parts[0].count) && startsWithLetter(parts[0])
        case 2:
            return (1...241).contains(parts[0].count) && (startsWithLetter(parts[0]) || startsWithDigit(parts[0]))
                && (1...14).contains(parts[1].count) && startsWithLetter(parts[1])
        default: return false
        }
    }

    private static func startsWithLetter(_ text: Substring.UTF8View) -> Bool {
        text.first.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } ?? false
    }

    private static func startsWithDigit(_ text: Substring.UTF8View) -> Bool {
        text.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
            UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"):
            true
        default: false
        }
    }

    /// 1 to 256 printable ASCII characters but `,` and `=`.
    private static func isValue(_ value: Substring.UTF8View) -> Bool {
        (1...256).contains(value.count)
            && value.allSatisfy {
                (0x20...0x7e).contains($0) && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "=")
            }
    }
}
