import Glibc

/// A file that holds the input which is tried now, also after the process has died of it: a target's name and a length
/// on the first line, then the bytes.
final class InputRecord {
    private static let capacity = 1 << 20
    private let memory: UnsafeMutableRawPointer

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(description: "\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        guard ftruncate(descriptor, off_t(Self.capacity)) == 0,
            let memory = mmap(nil, Self.capacity, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            memory != MAP_FAILED
        else { throw Failure(description: "\(path): \(String(cString: strerror(errno)))") }
        self.memory = memory
    }

    deinit { munmap(memory, Self.capacity) }

    func write(_ target: String, _ input: [UInt8]) {
        let bytes = Array("\(target) \(input.count)\n".utf8) + input
        bytes.prefix(Self.capacity).withUnsafeBytes { text in
            UnsafeMutableRawBufferPointer(start: memory, count: Self.capacity).copyMemory(from: text)
        }
    }

    /// What a file holds.
    static func read(_ path: String) throws -> (target: String, input: [UInt8]) {
        guard let file = fopen(path, "re") else {
            throw Failure(description: "\(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: capacity)
        bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
        guard let end = bytes.firstIndex(of: 10) else { throw Failure(description: "\(path) has no first line") }
        let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ")
        guard words.count == 2, let count = Int(words[1]), count >= 0, count <= bytes.count - end - 1 else {
            throw Failure(description: "\(path) does not begin with a target and a length")
        }
        return (String(words[0]), Array(bytes[(end + 1)...].prefix(count)))
    }
}
