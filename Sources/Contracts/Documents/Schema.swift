/// What a JSON value may be, as the fleet's documents say it: the part of JSON Schema 2020-12 that OpenAPI 3.1 and
/// AsyncAPI 3.0 share and our messages need.
///
/// A value that a message writes and its schema are declared side by side; tests hold every answer and every message
/// against its schema.
package struct Schema: Sendable {
    var form: Form
    /// Whether null may stand in its place.
    package private(set) var isNullable = false
    /// What the value means, with its unit.
    package private(set) var text: String?
    /// What counts when the value is left out, as JSON.
    private(set) var standard: [UInt8]?
    /// A value to show, as JSON; made from the form where there is none.
    private(set) var sample: [UInt8]?

    indirect enum Form: Sendable {
        case anything
        case text(length: ClosedRange<Int>?, format: String?, pattern: String?)
        case words([String])
        case integer(ClosedRange<Int>?)
        case number(NumberBounds)
        case flag
        case array(Schema, count: ClosedRange<Int>?)
        /// An array whose places differ.
        case tuple([Schema])
        case object([Property], others: Others)
        /// An object with members of any name.
        case map(Schema)
        case alternatives([Schema])
        /// A schema that the document's components hold under a name.
        case named(String, Schema)
    }

    /// The members of an object that its schema does not name.
    package enum Others: Sendable {
        /// We write none; a reader should bear them, for a later version may.
        case none
        /// Any may be there.
        case allowed
        /// The object is refused for them.
        case refused
    }

    struct NumberBounds: Sendable {
        var minimum: Double?
        var exclusiveMinimum: Double?
        var maximum: Double?
    }

    /// A member of an object.
    package struct Property: Sendable {
        package let name: String
        package let schema: Schema
        package let isRequired: Bool

        package init(_ name: String, _ schema: Schema, isRequired: Bool = true) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
        }
    }

    private init(_ form: Form, _ text: String?, sample: [UInt8]? = nil) {
        self.form = form
        self.text = text
        self.sample = sample
    }
}

extension Schema {
    /// Any JSON value.
    package static func anything(_ text: String? = nil) -> Schema { Schema(.anything, text) }

    package static func text(
        _ example: String, _ text: String? = nil, length: ClosedRange<Int>? = nil, format: String? = nil,
        pattern: String? = nil
    ) -> Schema {
        Schema(.text(length: length, format: format, pattern: pattern), text, sample: Self.json { $0.string(example) })
    }

    /// One of some words, the first of which is shown.
    package static func words(_ words: [String], _ text: String? = nil) -> Schema { Schema(.words(words), text) }

    /// A time in UTC: RFC 3339 with `Z`.
    package static func time(_ text: String? = nil) -> Schema {
        .text("2026-11-21T10:30:00.250000Z", text, format: "date-time")
    }

    /// A time in UTC that does not say so, with microseconds, as the clients of some families parse it.
    package static func naiveTime(_ text: String? = nil) -> Schema {
        .text(
            "2026-11-21T10:30:00.250000", text ?? "UTC, without a zone.",
            pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?$")
    }

    package static func uuid(_ text: String? = nil) -> Schema {
        .text("01936b4e-7c1d-7b5a-9d3e-2f8a4c6e1b07", text, format: "uuid")
    }

    package static func integer(_ example: Int, _ text: String? = nil, in range: ClosedRange<Int>? = nil) -> Schema {
        Schema(.integer(range), text, sample: Self.json { $0.int(example) })
    }

    package static func number(
        _ example: Double, _ text: String? = nil, in range: ClosedRange<Double>? = nil
    ) -> Schema {
        Schema(
            .number(NumberBounds(minimum: range?.lowerBound, maximum: range?.upperBound)), text,
            sample: Self.json { $0.double(example) })
    }

    package static func number(_ example: Double, _ text: String? = nil, above: Double, atMost: Double) -> Schema {
        Schema(
            .number(NumberBounds(exclusiveMinimum: above, maximum: atMost)), text,
            sample: Self.json { $0.double(example) })
    }

    /// 0 to 100.
    package static func percent(_ example: Double, _ text: String? = nil) -> Schema {
        .number(example, text, in: 0...100)
    }

    package static func flag(_ example: Bool, _ text: String? = nil) -> Schema {
        Schema(.flag, text, sample: Self.json { $0.bool(example) })
    }

    package static func array(_ element: Schema, _ text: String? = nil, count: ClosedRange<Int>? = nil) -> Schema {
        Schema(.array(element, count: count), text)
    }

    package static func tuple(_ places: [Schema], _ text: String? = nil) -> Schema { Schema(.tuple(places), text) }

    /// An object with these members.
    package static func object(
        _ properties: [Property], _ text: String? = nil, others: Others = .none
    ) -> Schema {
        Schema(.object(properties, others: others), text)
    }

    /// An object with members of any name; `example` is JSON.
    package static func map(_ values: Schema = .anything(), _ text: String? = nil, example: String = "{}") -> Schema {
        Schema(.map(values), text, sample: Array(example.utf8))
    }

    /// One of these, the first of which is shown.
    package static func alternatives(_ schemas: [Schema], _ text: String? = nil) -> Schema {
        Schema(.alternatives(schemas), text)
    }

    /// The same, kept once in the document and referred to.
    package func named(_ name: String) -> Schema { Schema(.named(name, self), nil) }

    /// The same, or null.
    package var nullable: Schema {
        var copy = self
        copy.isNullable = true
        return copy
    }

    /// The same, but not null.
    var notNull: Schema {
        var copy = self
        copy.isNullable = false
        return copy
    }

    /// The same, with what counts when it is left out, as JSON.
    package func defaulting(to json: String) -> Schema {
        var copy = self
        copy.standard = Array(json.utf8)
        return copy
    }

    /// The same, shown as this JSON.
    package func showing(_ json: String) -> Schema {
        var copy = self
        copy.sample = Array(json.utf8)
        return copy
    }

    /// The same object with more members.
    package func adding(_ more: [Property]) -> Schema {
        switch form {
        case .object(let properties, let others):
            var copy = self
            copy.form = .object(properties + more, others: others)
            return copy
        case .named(_, let schema): return schema.adding(more)
        default: return self
        }
    }

    /// The members of an object; none of anything else.
    package var properties: [Property] {
        switch form {
        case .object(let properties, _): properties
        case .named(_, let schema): schema.properties
        default: []
        }
    }

    private static func json(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: 32)
        write(&writer)
        return writer.bytes
    }
}
