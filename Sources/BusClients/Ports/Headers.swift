/// The headers of a message: ordered name and value pairs.
///
/// Names are case-sensitive. On AMQP they are message headers, on Kafka record headers. They are kept in one flat
/// buffer, because most messages pass through without anybody reading more than one of them.
public struct Headers: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// For each field the name's length (2 bytes, little endian), the name, the value's length (4 bytes) and the value.
    package private(set) var encoded: [UInt8]

    /// One header.
    public struct Field: Sendable, Hashable {
        /// Case-sensitive; at most 65,535 bytes of UTF-8.
        public let name: String
        /// Any text.
        public let value: String

        /// A header of the name and the value.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// No header.
    public init() { encoded = [] }

    /// The headers of a sequence, in its order; a name may come more than once.
    public init(_ fields: some Sequence<Field>) {
        self.init()
        for field in fields { append(field.name, field.value) }
    }

    /// The headers of a literal, in its order; a name may come more than once.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements { append(name, value) }
    }

    /// Takes what `encoded` gave; a damaged rest is no header.
    package init(encoded: [UInt8]) { self.encoded = encoded }

    /// Adds a header after the others. A name over 64 KiB is cut: no protocol carries one.
    public mutating func append(_ name: String, _ value: String) {
        append(name, lengthBytes: 2)
        append(value, lengthBytes: 4)
    }

    /// All headers, in order.
    public var fields: [Field] {
        var fields: [Field] = []
        forEach { name, value in
            fields.append(
                Field(name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self)))
            return true
        }
        return fields
    }

    /// The first value of a name; setting replaces every value of it, setting nil removes them.
    public subscript(name: String) -> String? {
        get {
            var found: String?
            forEach { candidate, value in
                guard candidate.elementsEqual(name.utf8) else { return true }
                found = String(decoding: value, as: UTF8.self)
                return false
            }
            return found
        }
        set {
            if !isEmpty { self = Headers(fields.filter { $0.name != name }) }
            if let newValue { append(name, newValue) }
        }
    }

    /// Whether there is no header.
    public var isEmpty: Bool { encoded.isEmpty }

    private mutating func append(_ text: String, lengthBytes: Int) {
        let content = text.utf8.prefix((1 << (8 * lengthBytes)) - 1)
        let count = content.count
        for index in 0..<lengthBytes { encoded.append(UInt8(truncatingIfNeeded: count >> (8 * index))) }
        encoded.append(contentsOf: content)
    }

    /// Gives each field until `body` returns false or the rest is damaged.
    private func forEach(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool) {
        encoded.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while let name = Self.take(lengthBytes: 2, from: &rest), let value = Self.take(lengthBytes: 4, from: &rest)
            {
                if !body(name, value) { return }
            }
        }
    }

    private static func take(
        lengthBytes: Int, from rest: inout Slice<UnsafeRawBufferPointer>
    ) -> UnsafeRawBufferPointer? {
        guard rest.count >= lengthBytes else { return nil }
        var count = 0
        for index in 0..<lengthBytes { count |= Int(rest[rest.startIndex + index]) << (8 * index) }
        guard rest.count >= lengthBytes + count else { return nil }
        let content = rest.dropFirst(lengthBytes).prefix(count)
        rest = rest.dropFirst(lengthBytes + count)
        return UnsafeRawBufferPointer(rebasing: content)
    }
}
