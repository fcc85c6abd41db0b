import Contracts
import Glibc
import Runtime

/// What fires on this host and what was not told yet, in a file, so that a restart neither forgets an alert nor raises it
/// a second time.
struct AlertFile: Sendable {
    /// What the file holds.
    struct Contents: Sendable, Hashable {
        var firing: [AlertChange] = []
        /// In their order.
        var untold: [AlertChange] = []
        /// Those that are not in their queue yet.
        var webhooks: [WebhookDelivery] = []
        /// Changes from before the webhooks were known.
        var unaddressed: [AlertChange] = []
    }

    /// A file that cannot be read or written.
    struct Failure: Error, CustomStringConvertible {
        let path: String
        let number: Int32

        var description: String { "\(path): \(String(cString: strerror(number)))" }
    }

    private static let maximumBytes = 16 << 20

    let path: String

    /// Empty where there is no file. Blocks.
    /// - Throws: `Failure`, `JSONError`, `MessageError`.
    func read() throws -> Contents {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return Contents() }
            throw Failure(path: path, number: errno)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= Self.maximumBytes {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 { throw Failure(path: path, number: errno) }
            if count == 0 { break }
            bytes += chunk.prefix(count)
        }
        let root = try JSONDocument(parsing: bytes).root
        return Contents(
            firing: try root.requiredArray("firing").elements.map { try AlertChange($0) },
            untold: try root.requiredArray("untold").elements.map { try AlertChange($0) },
            // Older workers wrote none.
            webhooks: try root["webhooks"]?.elements.map { try WebhookDelivery($0) } ?? [],
            unaddressed: try root["unaddressed"]?.elements.map { try AlertChange($0) } ?? [])
    }

    /// Replaces the file; after a power cut it is the old or the new one. Blocks.
    /// - Throws: `Failure`.
    func write(_ contents: Contents) throws(Failure) {
        var writer = JSONWriter(capacity: 1024)
        writer.object { writer in
            writer.member("firing", array: { writer in for change in contents.firing { change.write(to: &writer) } })
            writer.member("untold", array: { writer in for change in contents.untold { change.write(to: &writer) } })
            writer.member("webhooks", array: { writer in for job in contents.webhooks { job.write(to: &writer) } })
            writer.member(
                "unaddressed", array: { writer in for change in contents.unaddressed { change.write(to: &writer) } })
        }
        let new = path + ".new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(path: new, number: errno) }
        let isWritten = Self.writeAll(writer.bytes, to: descriptor) && fsync(descriptor) == 0
        let number = errno
        close(descriptor)
        guard isWritten else { throw Failure(path: new, number: number) }
        guard rename(new, path) == 0 else { throw Failure(path: path, number: errno) }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }
}
