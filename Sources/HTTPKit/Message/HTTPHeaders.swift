import Glibc

/// An ordered list of header fields whose names compare without regard to ASCII case.
///
/// The fields live in one buffer as `name NUL value NUL …`, so that copying a request's headers costs one allocation and
/// handing a response's headers to C costs none. A NUL, CR or LF in an appended name or value is replaced by a space:
/// a header can never split a response.
package struct HTTPHeaders: Sendable, Hashable {
    /// `name NUL value NUL` for each field.
    private(set) var storage: [UInt8] = []

    /// Makes an empty list.
    package init() {}

    /// Whether there is no field.
    package var isEmpty: Bool { storage.isEmpty }

    /// The value of the first field called `name`.
    package func first(_ name: StaticString) -> String? {
        name.withUTF8Buffer { first($0) }
    }

    /// The value of the first field called `name`.
    @_disfavoredOverload
    package func first(_ name: String) -> String? {
        var name = name
        return name.withUTF8 { first($0) }
    }

    /// Whether a field called `name` exists.
    package func contains(_ name: StaticString) -> Bool {
        name.withUTF8Buffer { name in storage.withUnsafeBufferPointer { Self.value(of: name, in: $0) != nil } }
    }

    /// Whether a field called `name` exists.
    @_disfavoredOverload
    package func contains(_ name: String) -> Bool {
        first(name) != nil
    }

    /// Whether the value of the first field called `name` begins with a lower-case text, whatever its own case.
    package func begins(_ name: StaticString, with text: StaticString) -> Bool {
        name.withUTF8Buffer { name in
            storage.withUnsafeBufferPointer { bytes in
                guard let value = Self.value(of: name, in: bytes), value.count >= text.utf8CodeUnitCount else {
                    return false
                }
                return text.withUTF8Buffer { Self.equal(bytes, value.lowerBound, $0) }
            }
        }
    }

    /// The values of every field called `name`, in order.
    package func all(_ name: String) -> [String] {
        filter { Self.equal($0.name, name) }.map(\.value)
    }

    /// Adds a field after the others.
    package mutating func append(_ name: String, _ value: String) {
        var name = name
        var value = value
        name.withUTF8 { append(bytes: $0) }
        value.withUTF8 { append(bytes: $0) }
    }

    /// Bytes that are reserved beside fields which are added together, for what follows them.
    private static let spareBytes = 64

    /// Adds the fields of `others` whose names are not here yet.
    package mutating func appendMissing(_ others: HTTPHeaders) {
        storage.reserveCapacity(storage.count + others.storage.count + Self.spareBytes)
        others.storage.withUnsafeBufferPointer { bytes in
            var start = 0
            while start < bytes.count {
                let nameEnd = Self.end(bytes, start)
                let next = Self.end(bytes, nameEnd + 1) + 1
                let name = UnsafeBufferPointer(rebasing: bytes[start..<nameEnd])
                if storage.withUnsafeBufferPointer({ Self.value(of: name, in: $0) == nil }) {
                    storage.append(contentsOf: bytes[start..<next])
                }
                start = next
            }
        }
    }

    /// Replaces every field called `name` by one.
    package mutating func set(_ name: String, _ value: String) {
        remove(name)
        append(name, value)
    }

    /// Removes every field called `name`.
    package mutating func remove(_ name: String) {
        guard contains(name) else { return }
        var kept = HTTPHeaders()
        for field in self where !Self.equal(field.name, name) {
            kept.append(field.name, field.value)
        }
        self = kept
    }

    /// Adds a field given as bytes; half of `append`, called for the name and then for the value.
    mutating func append(bytes: UnsafeBufferPointer<UInt8>) {
        if Self.splits(bytes) {
            storage.append(contentsOf: bytes.lazy.map { $0 == 0 || $0 == 10 || $0 == 13 ? 32 : $0 })
        } else {
            storage.append(contentsOf: bytes)
        }
        storage.append(0)
    }

    mutating func reserve(_ bytes: Int) {
        storage.reserveCapacity(bytes)
    }

    /// Calls `body` with each field as C strings.
    func withCStrings(_ body: (_ name: UnsafePointer<CChar>, _ value: UnsafePointer<CChar>) -> Void) {
        storage.withUnsafeBytes { bytes in
            guard let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return }
            bytes.withMemoryRebound(to: UInt8.self) { text in
                var position = 0
                while position < text.count {
                    let value = Self.end(text, position) + 1
                    body(start + position, start + value)
                    position = Self.end(text, value) + 1
                }
            }
        }
    }

    /// Whether there is a byte that would end a field. Without a branch for each, so that it takes 16 at once.
    private static func splits(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var found: UInt8 = 0
        for byte in bytes { found |= byte == 0 || byte == 10 || byte == 13 ? 1 : 0 }
        return found != 0
    }

    private func first(_ name: UnsafeBufferPointer<UInt8>) -> String? {
        storage.withUnsafeBufferPointer { bytes in
            Self.value(of: name, in: bytes).map { String(decoding: bytes[$0], as: UTF8.self) }
        }
    }

    /// Where the value of the first field called `name` is.
    private static func value(
        of name: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>
    ) -> Range<Int>? {
        var position = 0
        while position < bytes.count {
            let nameEnd = end(bytes, position)
            let valueEnd = end(bytes, nameEnd + 1)
            if nameEnd - position == name.count, equal(bytes, position, name) { return nameEnd + 1..<valueEnd }
            position = valueEnd + 1
        }
        return nil
    }

    /// The index of the NUL at or after `position`.
    private static func end(_ bytes: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int {
        guard let start = bytes.baseAddress, position < bytes.count,
            let found = memchr(start + position, 0, bytes.count - position)
        else { return bytes.count }
        return UnsafeRawPointer(found) - UnsafeRawPointer(start)
    }

    private static func equal(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ name: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        for index in 0..<name.count where lowercase(bytes[start + index]) != lowercase(name[index]) {
            return false
        }
        return true
    }

    private static func equal(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count && zip(one.utf8, other.utf8).allSatisfy { lowercase($0) == lowercase($1) }
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        byte &- 65 < 26 ? byte | 32 : byte
    }
}
