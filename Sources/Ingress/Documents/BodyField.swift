internal import Contracts

/// A member of a request's body, declared once: what the document says of it, and how a handler reads it.
struct BodyField<Value: Sendable>: Sendable {
    let property: Schema.Property
    let read: @Sendable (inout BodyReader) -> Value

    private init(
        _ name: String, _ schema: Schema, isRequired: Bool, _ read: @escaping @Sendable (inout BodyReader) -> Value
    ) {
        property = Schema.Property(name, schema, isRequired: isRequired)
        self.read = read
    }
}

extension BodyField<String> {
    static func text(_ name: String, _ schema: Schema) -> BodyField {
        BodyField(name, schema, isRequired: true) { $0.requiredString(name) }
    }

    static func word(_ name: String, _ text: String, of words: [String]) -> BodyField {
        BodyField(name, .words(words, text), isRequired: true) { $0.requiredWord(name, of: words) }
    }

    static func word(_ name: String, _ text: String, default standard: String, of words: [String]) -> BodyField {
        BodyField(name, .words(words, text).defaulting(to: "\"\(standard)\""), isRequired: false) {
            $0.word(name, default: standard, of: words)
        }
    }
}

extension BodyField<String?> {
    static func optionalText(_ name: String, _ schema: Schema) -> BodyField {
        BodyField(name, schema.nullable, isRequired: false) { $0.string(name) }
    }
}

extension BodyField<Bool> {
    static func flag(_ name: String, _ text: String) -> BodyField {
        BodyField(name, .flag(true, text), isRequired: true) { $0.requiredBool(name) }
    }

    static func flag(_ name: String, _ text: String, default standard: Bool) -> BodyField {
        BodyField(name, .flag(standard, text).defaulting(to: "\(standard)"), isRequired: false) {
            $0.bool(name, default: standard)
        }
    }
}

extension BodyField<Int> {
    static func int(
        _ name: String, _ text: String, default standard: Int, in range: ClosedRange<Int>
    ) -> BodyField {
        BodyField(name, .integer(standard, text, in: range).defaulting(to: String(standard)), isRequired: false) {
            $0.int(name, default: standard, in: range)
        }
    }
}

extension BodyField<Double> {
    static func number(
        _ name: String, _ text: String, default standard: Double, in range: ClosedRange<Double>
    ) -> BodyField {
        BodyField(name, .number(standard, text, in: range).defaulting(to: "\(standard)"), isRequired: false) {
            $0.double(name, default: standard, in: range)
        }
    }
}

extension BodyField<[UInt8]> {
    /// An object of which the document says no more; empty where it is missing.
    static func object(_ name: String, _ text: String, example: String) -> BodyField {
        BodyField(name, .map(.anything(), text, example: example).defaulting(to: "{}"), isRequired: false) {
            $0.object(name)
        }
    }
}

extension BodyField<[String]> {
    static func texts(_ name: String, _ schema: Schema, maximum: Int) -> BodyField {
        BodyField(
            name, .array(schema, count: 0...maximum).defaulting(to: "[]"), isRequired: false
        ) { $0.strings(name, maximum: maximum) }
    }
}

extension BodyField<[(name: String, value: Double)]> {
    /// An object of numbers, whose names are known.
    static func numbers(
        _ name: String, _ text: String, names: [String], _ schema: @escaping (String) -> Schema
    ) -> BodyField {
        let properties = names.map { Schema.Property($0, schema($0), isRequired: false) }
        return BodyField(
            name, .object(properties, text, others: .refused).defaulting(to: "{}"), isRequired: false
        ) { $0.numbers(name) }
    }
}

extension BodyField<[JSONValue]?> {
    /// Nil where it is missing or null.
    static func optionalArray(_ name: String, _ schema: Schema, _ text: String, maximum: Int) -> BodyField {
        BodyField(name, .array(schema, text, count: 0...maximum).nullable, isRequired: false) {
            $0.has(name) ? $0.array(name, maximum: maximum) : nil
        }
    }
}

extension BodyReader {
    mutating func value<Value>(_ field: BodyField<Value>) -> Value { field.read(&self) }
}
