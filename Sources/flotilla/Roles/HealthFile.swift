import BusClients
import Contracts
import Glibc
import Ingress
import Runtime

/// A file of the state folder in which a process says how its bus does, for `flotilla queues`.
///
/// One JSON object, replaced whole; a process that was killed leaves an old one, which its time gives away.
struct HealthFile: Sendable {
    /// A report is old when two in a row are missing.
    static let lifetime: Duration = BusMonitor.sampleInterval * 3

    private let folder: StateFolder
    private let name: String
    private let time: any TimeSource

    init(folder: StateFolder, name: String, time: any TimeSource) {
        self.folder = folder
        self.name = name
        self.time = time
    }

    private var path: String { "\(folder.path)/health.\(name).\(getpid()).json" }

    /// - Throws: `HealthFileError`.
    func write(_ health: BusHealth) throws(HealthFileError) {
        var writer = JSONWriter(capacity: 4096)
        writer.object { writer in
            writer.member("process", name)
            writer.member("pid", getpid())
            writer.member("timestamp", time.now)
            writer.name("bus")
            health.write(to: &writer)
        }
        let partial = path + ".new"
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw HealthFileError(path: partial, code: errno) }
        let count = Glibc.write(descriptor, writer.bytes, writer.bytes.count)
        let code = errno
        close(descriptor)
        guard count == writer.bytes.count else { throw HealthFileError(path: partial, code: count < 0 ? code : ENOSPC) }
        guard rename(partial, path) == 0 else { throw HealthFileError(path: path, code: errno) }
    }

    func remove() { unlink(path) }

    /// The reports of the processes that run now, by name and process.
    static func reports(in folder: StateFolder, now: Timestamp) -> [JSONDocument] {
        guard let stream = opendir(folder.path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix("health."), name.hasSuffix(".json") { names.append(name) }
        }
        return names.sorted().compactMap { report(folder.path + "/" + $0, now: now) }
    }

    /// Nil for what is unreadable, old, or of a process that is gone.
    private static func report(_ path: String, now: Timestamp) -> JSONDocument? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0, let document = try? JSONDocument(parsing: Array(bytes.prefix(count))),
            let pid = document.root["pid"]?.int.flatMap({ pid_t(exactly: $0) }), kill(pid, 0) == 0 || errno == EPERM,
            let text = document.root["timestamp"]?.string, let at = Timestamp(rfc3339: text),
            now.duration(since: at) < lifetime
        else { return nil }
        return document
    }
}

/// A health file that cannot be written.
struct HealthFileError: Error, CustomStringConvertible {
    let path: String
    let code: Int32

    var description: String { "\(path): \(String(cString: strerror(code)))" }
}

/// Samples the bus and keeps the health file up to date; the file goes with the process.
struct HealthFileService: Service {
    let name = "bus-monitor"
    private let file: HealthFile
    private let sampler: BusMonitorService

    init(file: HealthFile, monitor: BusMonitor, logger: Logger) {
        self.file = file
        sampler = BusMonitorService(monitor, logger: logger) { health in
            do { try file.write(health) } catch {
                logger.debug("health_file_not_written", ["error": "\(error)"])
            }
        }
    }

    func run(_ lifecycle: Lifecycle) async throws {
        defer { file.remove() }
        try await sampler.run(lifecycle)
    }
}
