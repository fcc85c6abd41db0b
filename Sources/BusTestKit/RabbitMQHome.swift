internal import Glibc
internal import Synchronization

/// What the nodes of one broker share: a folder, Erlang's cookie, and an epmd of their own that tells them each other's
/// ports.
final class RabbitMQHome: Sendable {
    let installation: RabbitMQInstallation
    let folder: TemporaryFolder
    private let portMapperPort: ReservedPort
    private let remover: ChildProcess
    private let state = Mutex(State())

    private struct State {
        var portMapper: ChildProcess?
        /// The nodes that need it.
        var nodes = 0
    }

    init() throws {
        guard let installation = RabbitMQInstallation.find() else {
            throw ChildFailure(RabbitMQBroker.unavailableReason ?? "no RabbitMQ")
        }
        self.installation = installation
        folder = try TemporaryFolder()
        remover = try ChildProcess.remover(of: folder.path)
        portMapperPort = try ReservedPort()
        let cookie = (0..<4).map { _ in String(UInt64.random(in: 0...(.max)), radix: 36) }.joined()
        try Self.write(cookie, to: "\(folder.path)/.erlang.cookie", mode: 0o400)
    }

    deinit { end() }

    /// What every Erlang program of this home is started with.
    var environment: [String: String] {
        [
            "HOME": folder.path, "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin",
            "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": "\(portMapperPort.number)",
            "ERL_CRASH_DUMP_SECONDS": "0",
        ]
    }

    /// Starts epmd for a node that is about to start.
    func join() async throws {
        let process = try state.withLock { state in
            let process = try state.portMapper ?? startPortMapper()
            state.portMapper = process
            state.nodes += 1
            return process
        }
        let line = try await withDeadline("epmd listens") { await process.line(containing: "entering the main select") }
        if line == nil { throw ChildFailure("epmd did not start:\n\(process.text)") }
    }

    /// Ends epmd with its last node.
    func leave() {
        let process = state.withLock { state in
            state.nodes -= 1
            return state.nodes == 0 ? state.portMapper.take() : nil
        }
        process?.end()
    }

    /// Ends epmd and deletes the folder, blocking.
    func end() {
        state.withLock { $0.portMapper.take() }?.end()
        remover.finish()
    }

    private func startPortMapper() throws -> ChildProcess {
        // It says what it does only when it debugs, and then stays in the foreground.
        try ChildProcess.guarded(
            RabbitMQInstallation.portMapper,
            ["-d", "-d", "-port", "\(portMapperPort.number)", "-address", "127.0.0.1", "-relaxed_command_check"],
            environment: environment)
    }

    static func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw ChildFailure("cannot write \(path): errno \(errno)") }
        let bytes = Array(text.utf8)
        let count = Glibc.write(descriptor, bytes, bytes.count)
        guard close(descriptor) == 0, count == bytes.count else {
            throw ChildFailure("cannot write \(path): errno \(errno)")
        }
    }
}
