import CSystem
import Contracts
import Glibc
import Runtime

/// The lock that keeps a second `up` or `ingress` off a state folder, and tells others where the first one listens.
///
/// The kernel releases it with the process, whatever ends the process: what is left in the file then means nothing.
final class StateFolderLock: Sendable {
    /// Who holds a state folder.
    struct Holder: Sendable, Hashable {
        var pid: Int32
        /// `up` or `ingress`.
        var role: String
        var startedAt: Timestamp
        /// Where HTTP is served; nil until it is.
        var url: String?
    }

    /// The whole content, padded with spaces, so that one write replaces it.
    private static let contentBytes = 1024

    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Takes the lock.
    /// - Throws: `CommandFailure` with `ExitCode.configuration` that says who holds it.
    static func acquire(_ folder: StateFolder, for holder: Holder) throws(CommandFailure) -> StateFolderLock {
        let path = path(in: folder)
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot open \(path)") }
        let lock = StateFolderLock(descriptor: descriptor)
        if flotilla_lock_byte(descriptor, 0) != 0 {
            let isHeld = errno == EAGAIN || errno == EACCES
            throw isHeld ? held(folder, by: read(descriptor)) : failure("cannot lock \(path)")
        }
        try lock.announce(holder)
        return lock
    }

    /// Replaces what others read about the holder.
    func announce(_ holder: Holder) throws(CommandFailure) {
        var writer = JSONWriter()
        writer.object {
            $0.member("pid", holder.pid)
            $0.member("role", holder.role)
            $0.member("started_at", holder.startedAt)
            $0.member("url", holder.url)
        }
        let padding = max(0, Self.contentBytes - 1 - writer.bytes.count)
        let content = writer.bytes + [UInt8](repeating: UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
        guard content.withUnsafeBytes({ pwrite(descriptor, $0.baseAddress, $0.count, 0) }) == content.count else {
            throw Self.failure("cannot write the lock file of the state folder")
        }
    }

    /// Who holds the folder now; nil when nobody does.
    static func holder(of folder: StateFolder) -> Holder? {
        let descriptor = open(path(in: folder), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // Asks without taking it: a lock taken for a moment could turn away an `up` that starts in that moment.
        return flotilla_byte_is_locked(descriptor, 0) == 1 ? read(descriptor) : nil
    }

    private static func path(in folder: StateFolder) -> String { folder.path + "/up.lock" }

    private static func read(_ descriptor: Int32) -> Holder? {
        var bytes = [UInt8](repeating: 0, count: contentBytes)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        // A holder that has not written yet, or a damaged file: held all the same, by someone unknown.
        guard count > 0, let root = (try? JSONDocument(parsing: bytes[..<count]))?.root,
            let pid = root["pid"]?.int, let role = root["role"]?.string,
            let startedAt = root["started_at"]?.string.flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        return Holder(pid: Int32(truncatingIfNeeded: pid), role: role, startedAt: startedAt, url: root["url"]?.string)
    }

    private static func held(_ folder: StateFolder, by holder: Holder?) -> CommandFailure {
        guard let holder else {
            return CommandFailure(
                .configuration, "state_folder_held", "the state folder \(folder.path) is held by another process")
        }
        let place = holder.url.map { "at \($0)" } ?? "not listening yet"
        return CommandFailure(
            .configuration, "state_folder_held",
            "the state folder \(folder.path) is held by process \(holder.pid) (flotilla \(holder.role)) since "
                + "\(holder.startedAt.rfc3339), \(place)",
            hint: "Stop it with 'kill \(holder.pid)', or give this one another folder with --state.")
    }

    private static func failure(_ what: String) -> CommandFailure {
        CommandFailure(.configuration, "state_folder", "\(what): \(String(cString: strerror(errno)))")
    }
}
