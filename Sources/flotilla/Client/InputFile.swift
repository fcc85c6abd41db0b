import Glibc

/// Reads what the user named on the command line.
enum InputFile {
    /// 16 MiB: more than the service takes.
    private static let limit = 16 << 20

    /// A file's bytes.
    /// - Throws: `CommandFailure` with `ExitCode.usage` when it cannot be read or is too long.
    static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        return try read(descriptor: descriptor, name: path)
    }

    /// Everything up to the end of a descriptor.
    static func read(descriptor: Int32, name: String) throws(CommandFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(name) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw .usage("file_too_large", "\(name) is longer than \(limit >> 20) MiB")
            }
        }
    }

    private static func unreadable(_ name: String) -> CommandFailure {
        .usage("unreadable_file", "\(name) cannot be read: \(String(cString: strerror(errno)))")
    }
}
