import BusTestKit
import Glibc

/// Files of a test.
enum TestFiles {
    static func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o755) == 0 else { throw ConformanceFailure("mkdir \(path): errno \(errno)") }
    }

    /// Writes a file whose times lie so many days back; by default long enough to be cleaned away.
    static func write(_ path: String, _ contents: String = "old", days: Int = 30) throws {
        try write(path.utf8.map { $0 }, contents, days: days)
    }

    static func write(_ path: [UInt8], _ contents: String = "old", days: Int = 30) throws {
        let name = path.map { CChar(bitPattern: $0) } + [0]
        let descriptor = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw ConformanceFailure("open: errno \(errno)") }
        defer { close(descriptor) }
        let bytes = Array(contents.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw ConformanceFailure("write: errno \(errno)")
        }
        let then = timespec(tv_sec: time(nil) - days * 86_400, tv_nsec: 123)
        guard futimens(descriptor, [then, then]) == 0 else { throw ConformanceFailure("futimens: errno \(errno)") }
    }

    /// Reads without moving the time of access.
    static func read(_ path: String) -> String? {
        // Glibc's module has no O_NOATIME, which needs _GNU_SOURCE: its value on Linux (fcntl.h).
        let withoutTime: Int32 = 0o1000000
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | withoutTime)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return count >= 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static func diskBytes(_ path: String) -> Int {
        var status = stat()
        return lstat(path, &status) == 0 ? Int(status.st_blocks) * 512 : 0
    }

    /// Every entry of a tree with its kind, owner, links, size, times of change and contents or target; not the
    /// times of access.
    static func snapshot(_ path: String, at relative: String = "") throws -> [String: String] {
        guard let folder = opendir(path) else { throw ConformanceFailure("opendir \(path): errno \(errno)") }
        defer { closedir(folder) }
        var entries: [String: String] = [:]
        while let entry = readdir(folder) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            let name = String(decoding: bytes, as: UTF8.self)
            guard name != ".", name != ".." else { continue }
            let full = "\(path)/\(name)"
            var status = stat()
            guard lstat(full, &status) == 0 else { throw ConformanceFailure("lstat \(full): errno \(errno)") }
            let isFile = status.st_mode & S_IFMT == S_IFREG
            entries[relative + name] = """
                \(status.st_mode) \(status.st_uid) \(status.st_nlink) \(status.st_size) \(status.st_mtim.tv_sec) \
                \(status.st_mtim.tv_nsec) \(status.st_ctim.tv_sec) \(status.st_ctim.tv_nsec) \
                \(isFile ? read(full) ?? "" : "")
                """
            if status.st_mode & S_IFMT == S_IFDIR {
                entries.merge(try snapshot(full, at: "\(relative)\(name)/")) { first, _ in first }
            }
        }
        return entries
    }
}
