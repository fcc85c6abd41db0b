internal import Glibc
internal import Runtime
internal import Synchronization

/// A RabbitMQ of a test's own: Debian's, on loopback, with its own folder, ports, cookie and epmd.
///
/// Any number at once, as root or not. Nothing of it outlives this process, however that ends. User `guest` with
/// password `guest` may do everything in vhost `/`.
///
/// It goes with the last reference, and Swift may drop that after the last use of a variable: a test that uses only its
/// address ends with `stop()`.
package final class RabbitMQBroker: Sendable {
    /// Why there can be no broker here; nil when there can.
    package static var unavailableReason: String? {
        RabbitMQInstallation.find() == nil ? "needs RabbitMQ: apt-get install rabbitmq-server" : nil
    }

    let node: RabbitMQNode
    let home: RabbitMQHome
    /// The PEM file of the authority that signed the broker's certificate, which is for `localhost` and 127.0.0.1; nil
    /// without TLS.
    package let certificateAuthority: String?
    private let process = Mutex<ChildProcess?>(nil)

    /// Starts one, in 5 to 10 s.
    /// - Parameters:
    ///   - tls: Whether it listens for `amqps` as well.
    ///   - plugins: Such as `rabbitmq_management`; 5 s more.
    package static func start(tls: Bool = false, plugins: [String] = []) async throws -> RabbitMQBroker {
        let home = try RabbitMQHome()
        let certificates = tls ? try await TestCertificates(in: home.folder.path) : nil
        let node = try RabbitMQNode("a", in: home, certificates: certificates, plugins: plugins)
        let broker = RabbitMQBroker(node, in: home, certificateAuthority: certificates?.authority)
        try await broker.restart()
        return broker
    }

    init(_ node: RabbitMQNode, in home: RabbitMQHome, certificateAuthority: String? = nil) {
        self.node = node
        self.home = home
        self.certificateAuthority = certificateAuthority
    }

    deinit { process.withLock { $0.take() }?.end() }

    /// Kills it and deletes all of it, blocking.
    func end() {
        process.withLock { $0.take() }?.end()
        home.end()
    }

    /// The port for `amqp`, the same after a restart.
    package var port: UInt16 { node.port.number }

    /// The port for `amqps`; nil without TLS.
    package var tlsPort: UInt16? { node.tlsPort?.number }

    /// Where all its files are; the log of `a@localhost` is `a/log/a@localhost.log`.
    package var folder: String { home.folder.path }

    /// Process id of the broker; nil while it is down.
    package var pid: Int32? { process.withLock { $0?.pid } }

    /// Kills it as a power cut would and waits until it is dead.
    package func killHard() async throws {
        guard let process = process.withLock({ $0.take() }) else { throw ChildFailure("RabbitMQ is not running") }
        process.send(SIGKILL)
        try await process.wait()
        home.leave()
    }

    /// Starts it after `killHard` or `stop`, with what it has stored, on the same ports, and waits until it serves.
    ///
    /// A node of a cluster waits for those that went down after it: start these at the same time.
    package func restart() async throws {
        guard pid == nil else { throw ChildFailure("RabbitMQ is running") }
        try await home.join()
        do {
            let process = try ChildProcess.guarded(home.installation.server, [], environment: node.environment)
            self.process.withLock { $0 = process }
            let started = try await withDeadline("RabbitMQ starts", seconds: 120) {
                await process.line(containing: "Starting broker... completed")
            }
            guard started != nil else { throw ChildFailure("RabbitMQ did not start:\n\(process.text)") }
            try await shakeHands()
        } catch {
            process.withLock { $0.take() }?.end()
            home.leave()
            throw error
        }
    }

    /// Ends it in order, in 1 to 6 s, and what it has started. What it stored stays for `restart`, until this object
    /// goes.
    package func stop() async {
        guard let process = process.withLock({ $0.take() }) else { return }
        process.send(SIGTERM)
        do {
            _ = try await withDeadline("RabbitMQ stops", seconds: 30) { try await process.wait() }
        } catch {
            process.end()
        }
        home.leave()
    }

    /// Fails unless AMQP's protocol header is answered with a method frame, `connection.start`.
    private func shakeHands() async throws {
        let thread = BlockingThread(name: "amqp-handshake")
        defer { thread.submit {} }
        let port = port
        try await thread.run {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw ChildFailure("socket: errno \(errno)") }
            defer { close(descriptor) }
            var patience = timeval(tv_sec: 20, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            var address = sockaddr_in.loopback(port: port)
            let connected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard connected == 0 else { throw ChildFailure("RabbitMQ does not listen: errno \(errno)") }
            let header = Array("AMQP\0\0\u{9}\u{1}".utf8)
            var kind: UInt8 = 0
            guard send(descriptor, header, header.count, Int32(MSG_NOSIGNAL)) == header.count,
                recv(descriptor, &kind, 1, 0) == 1, kind == 1
            else { throw ChildFailure("RabbitMQ does not answer AMQP: errno \(errno)") }
        }
    }
}
