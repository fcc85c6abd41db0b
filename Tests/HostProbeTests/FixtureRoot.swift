import Glibc
import Testing

@testable import HostProbe

/// A temporary folder that stands for `/`.
final class FixtureRoot {
    let path: String

    init() throws {
        var template = Array("/tmp/host-probe-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { _ = remove(folder: path) }

    /// Writes a file in place, so that descriptors that are open see the new contents.
    func write(_ file: String, _ text: String) throws { try write(file, Array(text.utf8)) }

    func write(_ file: String, _ bytes: [UInt8]) throws {
        let parent = file.split(separator: "/").dropLast().joined(separator: "/")
        try makeFolder("/" + parent)
        let descriptor = open(path + file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        #expect(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }

    func makeFolder(_ folder: String) throws {
        var current = path
        for name in folder.split(separator: "/") {
            current += "/" + name
            try #require(mkdir(current, 0o755) == 0 || errno == EEXIST)
        }
    }

    func remove(_ file: String) { unlink(path + file) }

    private func remove(folder: String) -> Bool {
        guard let directory = opendir(folder) else { return false }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            if unlink(folder + "/" + name) != 0 { _ = remove(folder: folder + "/" + name) }
        }
        closedir(directory)
        return rmdir(folder) == 0
    }
}

/// Hands the bytes of a text to a parser.
func withBytes<T>(_ text: String, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
    try Array(text.utf8).withUnsafeBytes(body)
}

/// A clock that a test sets.
final class StepClock {
    var now: Duration = .seconds(1000)
    func read() -> Duration { now }
}

/// A generator with a seed: SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
