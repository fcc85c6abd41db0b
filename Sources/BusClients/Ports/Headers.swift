/// The headers of a message: ordered name and value pairs, few enough that a linear search is the fastest look-up.
///
/// Names are case-sensitive. On AMQP they are message headers, on Kafka record headers.
public struct Headers: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    public private(set) var fields: [Field]

    /// One header.
    public struct Field: Sendable, Hashable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public init() { fields = [] }

    public init(_ fields: [Field]) { self.fields = fields }

    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first value of a name; setting replaces every value of it, setting nil removes them.
    public subscript(name: String) -> String? {
        get { fields.first { $0.name == name }?.value }
        set {
            fields.removeAll { $0.name == name }
            if let newValue { fields.append(Field(name: name, value: newValue)) }
        }
    }

    public var isEmpty: Bool { fields.isEmpty }
}
