internal import Glibc

/// The headers of a message: ordered name and value pairs.
///
/// Names are case-sensitive. On AMQP they are message headers, on Kafka record headers. They are kept in one flat
/// buffer, because most messages pass through without anybody reading more than one of them.
public struct Headers: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// For each field the name's length (2 bytes, little endian), the name, the value's length (4 bytes) and the value.
    @usableFromInline package private(set) var encoded: [UInt8]

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
        forEach { bytes, name, value in
            fields.append(
                Field(
                    name: String(decoding: bytes[name], as: UTF8.self),
                    value: String(decoding: bytes[value], as: UTF8.self)))
            return true
        }
        return fields
    }

    /// The first value of a name; setting replaces every value of it, setting nil removes them.
    public subscript(name: String) -> String? {
        get { withValue(of: name) { String(decoding: $0, as: UTF8.self) } }
        set {
            if !isEmpty { self = Headers(fields.filter { $0.name != name }) }
            if let newValue { append(name, newValue) }
        }
    }

    /// Reads the first value of a name where it lies, without making a text of it.
    /// - Parameters:
    ///   - name: Compared byte by byte.
    ///   - body: Is given the value's bytes, which are UTF-8 unless another client sent something else.
    /// - Returns: What `body` returned; nil where there is no header of that name.
    @inlinable
    public func withValue<Result>(of name: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        guard let range = range(of: name) else { return nil }
        return encoded.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// Where in `encoded` the first value of a name is.
    @usableFromInline
    func range(of name: String) -> Range<Int>? {
        var name = name
        return name.withUTF8 { wanted in
            var range: Range<Int>?
            forEach { bytes, name, value in
                guard Self.isEqual(UnsafeRawBufferPointer(rebasing: bytes[name]), UnsafeRawBufferPointer(wanted)) else {
                    return true
                }
                range = value
                return false
            }
            return range
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

    /// Gives the places of each field in `encoded` until `body` returns false or the rest is damaged.
    private func forEach(_ body: (_ encoded: UnsafeRawBufferPointer, _ name: Range<Int>, _ value: Range<Int>) -> Bool) {
        encoded.withUnsafeBytes { bytes in
            var start = 0
            while let name = Self.content(of: bytes, behind: UInt16.self, at: start),
                let value = Self.content(of: bytes, behind: UInt32.self, at: name.upperBound)
            {
                if !body(bytes, name, value) { return }
                start = value.upperBound
            }
        }
    }

    /// The place of the bytes whose count is at `start`.
    private static func content<Count: FixedWidthInteger & BitwiseCopyable>(
        of bytes: UnsafeRawBufferPointer, behind _: Count.Type, at start: Int
    ) -> Range<Int>? {
        let rest = bytes.count - start - MemoryLayout<Count>.size
        guard rest >= 0 else { return nil }
        let count = Int(Count(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: Count.self)))
        guard rest >= count else { return nil }
        let first = start + MemoryLayout<Count>.size
        return first..<first + count
    }

    private static func isEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else { return true }
        return memcmp(leftStart, rightStart, left.count) == 0
    }
}
