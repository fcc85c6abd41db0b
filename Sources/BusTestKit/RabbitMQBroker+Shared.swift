internal import Glibc
internal import Synchronization

extension RabbitMQBroker {
    /// The broker that all tests of this process share which need no more than a vhost of their own; started for the
    /// first and ended with the process.
    ///
    /// A test that kills it, changes its settings or sets an alarm starts its own.
    package static var shared: RabbitMQBroker {
        get async throws { try await SharedRabbitMQBroker.instance.broker() }
    }
}

/// Starts the shared broker once, and ends it before the process has ended: the guards would do so a moment later.
private actor SharedRabbitMQBroker {
    static let instance = SharedRabbitMQBroker()
    private static let started = Mutex<RabbitMQBroker?>(nil)

    private var start: Task<RabbitMQBroker, any Error>?

    func broker() async throws -> RabbitMQBroker {
        if let start { return try await start.value }
        let start = Task {
            let broker = try await RabbitMQBroker.start()
            Self.started.withLock { $0 = broker }
            atexit { SharedRabbitMQBroker.started.withLock { $0 }?.end() }
            return broker
        }
        self.start = start
        return try await start.value
    }
}
