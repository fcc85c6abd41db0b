/// The statistics that librdkafka writes as JSON (RFC 8259), a few times a minute.
///
/// A reader of its own: the fleet's, in `Contracts`, brings a C++ library that users of this one would have to build.
indirect enum StatisticsDocument {
    case object([String: StatisticsDocument])
    case text(String)
    case number(Double)
    /// An array, a truth value or null: nothing that is shown.
    case other

    /// Levels of nesting; librdkafka writes 6.
    private static let maximumDepth = 16

    /// Nil for a text that is not JSON.
    init?(_ text: UnsafeRawBufferPointer) {
        var rest = text[...]
        guard let value = Self.value(&rest, depth: 0) else { return nil }
        self = value
    }

    /// The member of that name.
    subscript(name: String) -> StatisticsDocument? { members[name] }

    /// The members of an object; none for another value.
    var members: [String: StatisticsDocument] {
        if case .object(let members) = self { members } else { [:] }
    }

    var number: Double? {
        if case .number(let number) = self { number } else { nil }
    }

    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    // MARK: Reading

    private typealias Rest = Slice<UnsafeRawBufferPointer>

    private static func value(_ rest: inout Rest, depth: Int) -> StatisticsDocument? {
        guard depth < maximumDepth, let first = skipSpace(&rest) else { return nil }
        switch first {
        case UInt8(ascii: "{"): return object(&rest, depth: depth)
        case UInt8(ascii: "["): return array(&rest, depth: depth)
        case UInt8(ascii: "\""): return string(&rest).map(Self.text)
        default:
            let word = rest.prefix { !isDelimiter($0) }
            rest = rest.dropFirst(word.count)
            let text = String(decoding: word, as: UTF8.self)
            if let number = Double(text) { return .number(number) }
            return ["true", "false", "null"].contains(text) ? .other : nil
        }
    }

    private static func object(_ rest: inout Rest, depth: Int) -> StatisticsDocument? {
        var members: [String: StatisticsDocument] = [:]
        rest.removeFirst()
        while let next = skipSpace(&rest) {
            if next == UInt8(ascii: "}") {
                rest.removeFirst()
                return .object(members)
            }
            guard let name = string(&rest), skipSpace(&rest) == UInt8(ascii: ":") else { return nil }
            rest.removeFirst()
            guard let value = value(&rest, depth: depth + 1) else { return nil }
            members[name] = value
            if skipSpace(&rest) == UInt8(ascii: ",") { rest.removeFirst() }
        }
        return nil
    }

    private static func array(_ rest: inout Rest, depth: Int) -> StatisticsDocument? {
        rest.removeFirst()
        while let next = skipSpace(&rest) {
            if next == UInt8(ascii: "]") {
                rest.removeFirst()
                return .other
            }
            guard value(&rest, depth: depth + 1) != nil else { return nil }
            if skipSpace(&rest) == UInt8(ascii: ",") { rest.removeFirst() }
        }
        return nil
    }

    /// The text between two quotes. librdkafka escapes nothing: names of topics and brokers have no need of it.
    private static func string(_ rest: inout Rest) -> String? {
        guard rest.first == UInt8(ascii: "\""), let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "\"")) else {
            return nil
        }
        defer { rest = rest[(end + 1)...] }
        return String(decoding: rest[rest.startIndex..<end].dropFirst(), as: UTF8.self)
    }

    /// The next byte that is not white space, which stays; nil at the end.
    private static func skipSpace(_ rest: inout Rest) -> UInt8? {
        rest = rest.drop { $0 <= 0x20 }
        return rest.first
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        byte <= 0x20 || [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")].contains(byte)
    }
}
