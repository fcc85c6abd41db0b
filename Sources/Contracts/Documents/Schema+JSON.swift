extension Schema {
    /// Writes the schema; named ones as references into `#/components/schemas`.
    package func write(to writer: inout JSONWriter) {
        if isNullable, !canNameNull {
            return writer.object { writer in
                writer.member(
                    "anyOf",
                    array: { writer in
                        notNull.write(to: &writer)
                        writer.object { $0.member("type", "null") }
                    })
            }
        }
        writer.object { writer in
            writeForm(to: &writer)
            if let text { writer.member("description", text) }
            if let standard { writer.member("default", raw: standard) }
        }
    }

    /// Every named schema that this one refers to, however deep, by name.
    private func collectNamed(into names: inout [String: Schema]) {
        switch form {
        case .array(let element, _): element.collectNamed(into: &names)
        case .tuple(let places), .alternatives(let places):
            for place in places { place.collectNamed(into: &names) }
        case .object(let properties, _): for property in properties { property.schema.collectNamed(into: &names) }
        case .map(let values): values.collectNamed(into: &names)
        case .named(let name, let schema):
            guard names[name] == nil else { return }
            names[name] = schema
            schema.collectNamed(into: &names)
        case .anything, .text, .words, .integer, .number, .flag: break
        }
    }

    /// Writes the schemas that these refer to as a member `schemas`, by name: a part of a document's components.
    package static func writeNamed(in schemas: some Sequence<Schema>, to writer: inout JSONWriter) {
        var names: [String: Schema] = [:]
        for schema in schemas { schema.collectNamed(into: &names) }
        writer.member(
            "schemas",
            object: { writer in
                for (name, schema) in names.sorted(by: { $0.key < $1.key }) {
                    writer.name(name)
                    schema.write(to: &writer)
                }
            })
    }

    /// A value that fits, as JSON.
    package var example: [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writeExample(to: &writer)
        return writer.bytes
    }

    func writeExample(to writer: inout JSONWriter) {
        if let sample { return writer.raw(sample) }
        if let standard { return writer.raw(standard) }
        switch form {
        case .anything: writer.object { _ in }
        case .text: writer.string("")
        case .words(let words): writer.string(words.first ?? "")
        case .integer(let range): writer.int(range?.lowerBound ?? 0)
        case .number(let bounds): writer.double(bounds.minimum ?? bounds.maximum ?? 0)
        case .flag: writer.bool(true)
        case .array(let element, _): writer.array { element.writeExample(to: &$0) }
        case .tuple(let places): writer.array { writer in for place in places { place.writeExample(to: &writer) } }
        case .object(let properties, _):
            writer.object { writer in
                for property in properties {
                    writer.name(property.name)
                    property.schema.writeExample(to: &writer)
                }
            }
        case .map: writer.object { _ in }
        case .alternatives(let schemas): schemas.first?.writeExample(to: &writer)
        case .named(_, let schema): schema.writeExample(to: &writer)
        }
    }

    // MARK: Forms

    /// Whether `type` or `enum` can say that null is allowed.
    private var canNameNull: Bool {
        switch form {
        case .alternatives, .named: false
        default: true
        }
    }

    private func writeForm(to writer: inout JSONWriter) {
        switch form {
        case .anything: break
        case .text(let length, let format, let pattern):
            writeType("string", to: &writer)
            if let length, length.lowerBound > 0 { writer.member("minLength", length.lowerBound) }
            if let length, length.upperBound < .max { writer.member("maxLength", length.upperBound) }
            if let format { writer.member("format", format) }
            if let pattern { writer.member("pattern", pattern) }
        case .words(let words):
            writeType("string", to: &writer)
            writer.member(
                "enum",
                array: { writer in
                    for word in words { writer.string(word) }
                    if isNullable { writer.null() }
                })
        case .integer(let range):
            writeType("integer", to: &writer)
            if let range, range.lowerBound > .min { writer.member("minimum", range.lowerBound) }
            if let range, range.upperBound < .max { writer.member("maximum", range.upperBound) }
        case .number(let bounds):
            writeType("number", to: &writer)
            if let minimum = bounds.minimum { writer.member("minimum", minimum) }
            if let minimum = bounds.exclusiveMinimum { writer.member("exclusiveMinimum", minimum) }
            if let maximum = bounds.maximum { writer.member("maximum", maximum) }
        case .flag: writeType("boolean", to: &writer)
        case .array(let element, let count):
            writeType("array", to: &writer)
            writer.name("items")
            element.write(to: &writer)
            if let count, count.lowerBound > 0 { writer.member("minItems", count.lowerBound) }
            if let count, count.upperBound < .max { writer.member("maxItems", count.upperBound) }
        case .tuple(let places):
            writeType("array", to: &writer)
            writer.member("prefixItems", array: { writer in for place in places { place.write(to: &writer) } })
            writer.member("minItems", places.count)
            writer.member("maxItems", places.count)
        case .object(let properties, let others):
            write(properties, to: &writer)
            switch others {
            case .none: break
            case .allowed: writer.member("additionalProperties", true)
            case .refused: writer.member("additionalProperties", false)
            }
        case .map(let values):
            writeType("object", to: &writer)
            writer.name("additionalProperties")
            values.write(to: &writer)
        case .alternatives(let schemas):
            writer.member("anyOf", array: { writer in for schema in schemas { schema.write(to: &writer) } })
        case .named(let name, _): writer.member("$ref", "#/components/schemas/\(name)")
        }
    }

    private func write(_ properties: [Property], to writer: inout JSONWriter) {
        writeType("object", to: &writer)
        writer.member(
            "properties",
            object: { writer in
                for property in properties {
                    writer.name(property.name)
                    property.schema.write(to: &writer)
                }
            })
        let required = properties.filter(\.isRequired).map(\.name)
        if !required.isEmpty { writer.member("required", required) }
    }

    private func writeType(_ name: String, to writer: inout JSONWriter) {
        if isNullable { writer.member("type", [name, "null"]) } else { writer.member("type", name) }
    }
}
