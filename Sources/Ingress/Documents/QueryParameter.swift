internal import Contracts
internal import Runtime

/// A parameter of a query, declared once: what the document says of it, and how a handler reads it.
struct QueryParameter<Value: Sendable>: Sendable {
    let description: ParameterDescription
    let read: @Sendable (inout QueryReader) -> Value

    private init(_ name: String, _ schema: Schema, _ read: @escaping @Sendable (inout QueryReader) -> Value) {
        description = ParameterDescription(name, in: .query, schema)
        self.read = read
    }
}

extension QueryParameter<Int> {
    static func int(
        _ name: String, _ text: String, default standard: Int, in range: ClosedRange<Int>
    ) -> QueryParameter {
        QueryParameter(name, .integer(standard, text, in: range).defaulting(to: String(standard))) {
            $0.int(name, default: standard, in: range)
        }
    }
}

extension QueryParameter<Int?> {
    /// One whose absence is no number.
    static func optionalInt(_ name: String, _ text: String, example: Int, in range: ClosedRange<Int>) -> QueryParameter
    {
        QueryParameter(name, .integer(example, text, in: range)) {
            $0.string(name) == nil ? nil : $0.int(name, default: range.upperBound, in: range)
        }
    }
}

extension QueryParameter<Double> {
    static func number(
        _ name: String, _ text: String, default standard: Double, in range: ClosedRange<Double>
    ) -> QueryParameter {
        QueryParameter(name, .number(standard, text, in: range).defaulting(to: "\(standard)")) {
            $0.double(name, default: standard, in: range)
        }
    }

    static func number(
        _ name: String, _ text: String, default standard: Double, above: Double, atMost: Double
    ) -> QueryParameter {
        QueryParameter(name, .number(standard, text, above: above, atMost: atMost).defaulting(to: "\(standard)")) {
            let value = $0.double(name, default: standard, in: above...atMost)
            if value == above { $0.fail("greater_than", name, "Input should be greater than \(above)") }
            return value
        }
    }
}

extension QueryParameter<Double?> {
    static func number(
        _ name: String, _ text: String, example: Double, in range: ClosedRange<Double>
    ) -> QueryParameter {
        QueryParameter(name, .number(example, text, in: range)) {
            $0.string(name) == nil ? nil : $0.double(name, default: range.lowerBound, in: range)
        }
    }
}

extension QueryParameter<Bool> {
    static func flag(_ name: String, _ text: String, default standard: Bool) -> QueryParameter {
        QueryParameter(name, .flag(standard, text).defaulting(to: "\(standard)")) {
            $0.bool(name, default: standard)
        }
    }
}

extension QueryParameter<Bool?> {
    /// One whose absence is not one of the two.
    static func optionalFlag(_ name: String, _ text: String) -> QueryParameter {
        QueryParameter(name, .flag(true, text)) { $0.string(name) == nil ? nil : $0.bool(name, default: false) }
    }
}

extension QueryParameter<String?> {
    static func text(_ name: String, _ text: String, example: String) -> QueryParameter {
        QueryParameter(name, .text(example, text)) { $0.string(name) }
    }

    static func word(_ name: String, _ text: String, of words: [String]) -> QueryParameter {
        QueryParameter(name, .words(words, text)) { $0.word(name, of: words) }
    }
}

extension QueryParameter<SearchPattern?> {
    static func pattern(_ name: String, _ text: String, example: String) -> QueryParameter {
        QueryParameter(name, .text(example, text, length: 0...SearchPattern.maximumLength)) { reader in
            guard let text = reader.string(name) else { return nil }
            if let pattern = SearchPattern(text) { return pattern }
            reader.fail(
                "pattern_parsing", name,
                "Input should be a regular expression in RE2's syntax of at most \(SearchPattern.maximumLength) characters"
            )
            return nil
        }
    }
}

extension QueryParameter<Timestamp?> {
    static func time(_ name: String, _ text: String) -> QueryParameter {
        QueryParameter(name, .time(text)) { reader in
            guard let text = reader.string(name) else { return nil }
            if let time = Timestamp(rfc3339: text) { return time }
            reader.fail(
                "datetime_parsing", name, "Input should be an RFC 3339 time, such as 2026-01-31T12:00:00Z")
            return nil
        }
    }
}

extension QueryParameter<CommandCursor?> {
    static func cursor(_ name: String, _ text: String) -> QueryParameter {
        QueryParameter(name, .text("t1763771000000000x", text)) { reader in
            guard let text = reader.string(name) else { return nil }
            if let cursor = CommandCursor(text) { return cursor }
            reader.fail("cursor_parsing", name, "Input should be the next_cursor of an answer")
            return nil
        }
    }
}

extension QueryParameter<[String]?> {
    /// Some of these words, separated by commas or one a parameter; each counts once.
    static func words(_ name: String, _ text: String, of words: [String]) -> QueryParameter {
        QueryParameter(name, .text(words.prefix(2).joined(separator: ","), text)) { reader in
            let texts = reader.strings(name)
            guard !texts.isEmpty else { return nil }
            var found: [String] = []
            for word in texts.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
                guard words.contains(String(word)) else {
                    reader.fail("enum", name, "Input should be some of \(words.joined(separator: ", "))")
                    return nil
                }
                if !found.contains(String(word)) { found.append(String(word)) }
            }
            return found
        }
    }
}

extension QueryParameter<Timestamp?> {
    /// RFC 3339, or seconds since 1970.
    static func instant(_ name: String, _ text: String) -> QueryParameter {
        QueryParameter(name, .text("2026-11-21T10:30:00Z", text)) { reader in
            guard let text = reader.string(name) else { return nil }
            if let seconds = Double(text), (0...253_402_300_799).contains(seconds) {
                return Timestamp(microseconds: Int64((seconds * 1_000_000).rounded()))
            }
            if let time = Timestamp(rfc3339: text), time.microseconds >= 0 { return time }
            reader.fail(
                "datetime_parsing", name,
                "Input should be an RFC 3339 time, such as 2026-01-31T12:00:00Z, or seconds since 1970")
            return nil
        }
    }
}

extension QueryReader {
    mutating func value<Value>(_ parameter: QueryParameter<Value>) -> Value { parameter.read(&self) }

    /// Whether the client sent it.
    func has<Value>(_ parameter: QueryParameter<Value>) -> Bool { string(parameter.description.name) != nil }
}
