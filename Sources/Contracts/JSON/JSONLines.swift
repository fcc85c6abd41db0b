import Glibc

/// The lines of a text, one JSON value each; empty lines are left out.
package struct JSONLines: Sequence, IteratorProtocol {
    private let bytes: [UInt8]
    private var at = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package mutating func next() -> ArraySlice<UInt8>? {
        while at < bytes.count {
            let start = at
            let end = bytes.withUnsafeBytes { buffer -> Int in
                guard let base = buffer.baseAddress,
                    let found = memchr(base + start, Int32(UInt8(ascii: "\n")), buffer.count - start)
                else { return buffer.count }
                return UnsafeRawPointer(found) - base
            }
            at = end + 1
            if end > start { return bytes[start..<end] }
        }
        return nil
    }
}
