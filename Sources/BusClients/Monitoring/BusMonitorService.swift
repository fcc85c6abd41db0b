package import Runtime

/// Samples a bus for as long as the process runs, and says when it becomes ready or not.
package struct BusMonitorService: Service {
    package let name = "bus-monitor"
    private let monitor: BusMonitor
    private let logger: Logger
    private let sampled: @Sendable (BusHealth) async -> Void

    /// - Parameter sampled: Called with every sample.
    package init(
        _ monitor: BusMonitor, logger: Logger, sampled: @escaping @Sendable (BusHealth) async -> Void = { _ in }
    ) {
        self.monitor = monitor
        self.logger = logger
        self.sampled = sampled
    }

    package func run(_ lifecycle: Lifecycle) async throws {
        lifecycle.started()
        _ = try await lifecycle.untilStop { [self] in
            var wasReady = true
            while true {
                await monitor.sample()
                let health = monitor.health
                if health.isReady != wasReady { tell(health) }
                wasReady = health.isReady
                await sampled(health)
                try await monitor.time.sleep(for: BusMonitor.sampleInterval)
            }
        }
    }

    private func tell(_ health: BusHealth) {
        if health.isReady {
            logger.notice("bus_ready")
        } else {
            logger.warning("bus_not_ready", ["problems": .string(health.problems.joined(separator: "; "))])
        }
    }
}
