package import Contracts

extension Facts {
    /// Reads an object; empty for another value.
    package init(_ value: JSONValue) {
        self.init()
        for member in value.members { self[member.name.string] = FactValue(member.value) }
    }

    package init(json: [UInt8]) throws {
        self.init(try JSONDocument(parsing: json).root)
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 64 + fields.count * 32)
        write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            for field in fields {
                writer.name(field.name)
                field.value.write(to: &writer)
            }
        }
    }
}

extension FactValue {
    package init(_ value: JSONValue) {
        switch value.kind {
        case .null: self = .null
        case .bool: self = .init(value.bool)
        case .integer: self = value.int.map(FactValue.int) ?? .init(value.double)
        case .double: self = .init(value.double)
        case .string: self = .init(value.string)
        case .array: self = .list(value.elements.map { FactValue($0) })
        case .object: self = .facts(Facts(value))
        }
    }

    private init(_ value: Bool?) { self = value.map(FactValue.bool) ?? .null }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .int(let value): writer.int(value)
        case .double(let value): writer.double(value)
        case .text(let value): writer.string(value)
        case .list(let values):
            writer.array { writer in for value in values { value.write(to: &writer) } }
        case .facts(let facts): facts.write(to: &writer)
        }
    }
}
