/// Headers as bytes in the store: for each field the name's length (2 bytes, little endian), the name, the value's
/// length (4 bytes) and the value. No field is no byte.
enum HeaderCoding {
    static func encode(_ headers: Headers) -> [UInt8] {
        if headers.isEmpty { return [] }
        var bytes: [UInt8] = []
        for field in headers.fields {
            append(field.name, lengthBytes: 2, to: &bytes)
            append(field.value, lengthBytes: 4, to: &bytes)
        }
        return bytes
    }

    /// The fields up to the first that is damaged.
    static func decode(_ bytes: [UInt8]) -> Headers {
        if bytes.isEmpty { return Headers() }
        var rest = bytes[...]
        var fields: [Headers.Field] = []
        while let name = take(lengthBytes: 2, from: &rest), let value = take(lengthBytes: 4, from: &rest) {
            fields.append(Headers.Field(name: name, value: value))
        }
        return Headers(fields)
    }

    private static func append(_ text: String, lengthBytes: Int, to bytes: inout [UInt8]) {
        // A name over 64 KiB is cut: no protocol carries one.
        let content = text.utf8.prefix((1 << (8 * lengthBytes)) - 1)
        let count = content.count
        for index in 0..<lengthBytes { bytes.append(UInt8(truncatingIfNeeded: count >> (8 * index))) }
        bytes.append(contentsOf: content)
    }

    private static func take(lengthBytes: Int, from rest: inout ArraySlice<UInt8>) -> String? {
        guard rest.count >= lengthBytes else { return nil }
        let count = rest.prefix(lengthBytes).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard rest.count >= lengthBytes + count else { return nil }
        rest = rest.dropFirst(lengthBytes)
        defer { rest = rest.dropFirst(count) }
        return String(decoding: rest.prefix(count), as: UTF8.self)
    }
}
