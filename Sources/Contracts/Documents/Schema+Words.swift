extension Schema {
    /// What fits, in a few words for people: `integer, 1 to 200, default 50`.
    package var words: String {
        var parts = [formWords]
        if isNullable { parts.append("or null") }
        if let standard { parts.append("default \(String(decoding: standard, as: UTF8.self))") }
        return parts.joined(separator: ", ")
    }

    private var formWords: String {
        switch form {
        case .anything: "anything"
        case .text(let length, let format, _):
            [format ?? "text", length.map { Self.range($0, of: "characters") }].compactMap(\.self)
                .joined(separator: ", ")
        case .words(let words): words.map { "`\($0)`" }.joined(separator: " or ")
        case .integer(let range):
            ["integer", range.map { Self.range($0, of: "") }].compactMap(\.self).joined(separator: ", ")
        case .number(let bounds):
            [
                "number", bounds.minimum.map { "from \($0)" }, bounds.exclusiveMinimum.map { "above \($0)" },
                bounds.maximum.map { "to \($0)" },
            ].compactMap(\.self).joined(separator: " ")
        case .flag: "`true` or `false`"
        case .array, .tuple: "list"
        case .object, .map: "object"
        case .alternatives(let schemas): schemas.map(\.formWords).joined(separator: " or ")
        case .named(_, let schema): schema.formWords
        }
    }

    private static func range(_ range: ClosedRange<Int>, of unit: String) -> String {
        let bounds =
            range.upperBound == .max
            ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        return unit.isEmpty ? bounds : "\(bounds) \(unit)"
    }
}
