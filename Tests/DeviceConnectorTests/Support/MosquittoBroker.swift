import BusTestKit
import Glibc
import Testing

/// Debian's `mosquitto` on a port and in a folder of its own, with a session store, so that it can be killed and started
/// again.
final class MosquittoBroker: Sendable {
    static let path = "/usr/sbin/mosquitto"

    let port: Int
    private let reserved: ReservedPort
    private let folder: TemporaryFolder

    init() throws {
        reserved = try ReservedPort()
        port = Int(reserved.number)
        folder = try TemporaryFolder()
    }

    /// Starts it and waits until it listens.
    /// - Parameter settings: More lines of its configuration.
    func start(_ settings: [String] = ["allow_anonymous true"]) async throws -> ChildProcess {
        let configuration = folder.path + "/mosquitto.conf"
        let lines =
            [
                "user root", "persistence true", "persistence_location \(folder.path)/", "autosave_interval 1",
                "autosave_on_changes true", "log_dest stderr", "log_type all", "max_inflight_messages 0",
                "listener \(port) 127.0.0.1",
            ] + settings
        try Self.write(lines.joined(separator: "\n") + "\n", to: configuration)
        let process = try ChildProcess(Self.path, ["-c", configuration], environment: ["PATH": "/usr/bin:/bin"])
        let running = try await withDeadline("mosquitto listens") { await process.line(containing: " running") }
        guard running != nil else { throw ChildFailure("mosquitto did not start:\n\(process.text)") }
        return process
    }

    /// A file of users in which there is one.
    func passwordFile(user: String, password: String) async throws -> String {
        let path = folder.path + "/users"
        try Self.write("\(user):\(password)\n", to: path)
        let process = try ChildProcess(
            "/usr/bin/mosquitto_passwd", ["-U", path], environment: ["PATH": "/usr/bin:/bin"])
        guard try await process.wait() == 0 else { throw ChildFailure("mosquitto_passwd:\n\(process.text)") }
        return path
    }

    /// Where files for its configuration can be made.
    var folderPath: String { folder.path }

    private static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw ChildFailure("cannot write \(path)")
        }
    }
}

extension Trait where Self == ConditionTrait {
    static var needsMosquitto: Self {
        .enabled(if: access(MosquittoBroker.path, X_OK) == 0, "mosquitto is not installed")
    }
}
