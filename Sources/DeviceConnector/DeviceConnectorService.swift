package import BusClients
import Contracts
package import Runtime

/// The device connector: hands the commands of the log to their devices over MQTT, and reports what became of each.
///
/// A device's commands are handed over in their order, one at a time; those of other devices do not wait for it. An
/// offset is committed when what became of its command is durable: after a crash a command may be handed over again, and
/// none is lost. Nothing is handed over after its expiry.
package final class DeviceConnectorService: Service {
    package let name = "device-connector"
    private let configuration: DeviceConnectorConfiguration
    private let bus: Bus
    private let time: any TimeSource
    private let metrics: ConnectorMetrics
    private let logger: Logger
    private let backoff = RetryPolicy(initial: .milliseconds(50), maximum: .seconds(5))

    package init(
        configuration: DeviceConnectorConfiguration, bus: Bus, time: any TimeSource, metrics: MetricsRegistry,
        logger: Logger
    ) {
        self.configuration = configuration
        self.bus = bus
        self.time = time
        self.metrics = ConnectorMetrics(metrics)
        self.logger = logger.component("connector")
    }

    /// Runs until it is asked to stop; waits a little for the broker's acknowledgements then. Ready as soon as it
    /// consumes: the broker may come later.
    /// - Throws: `BusError` when the bus cannot be used any more.
    package func run(_ lifecycle: Lifecycle) async throws {
        let link = try MQTTLink(
            configuration.mqtt, filter: configuration.mqtt.answerTopic.filter,
            longestMessage: DeviceAnswer.maximumBytes + 1, time: time)
        defer { link.stop() }
        let connector = Connector(
            configuration, bus: bus, link: link, time: time, metrics: metrics, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await connector.hear() }
            group.addTask { try await connector.report() }
            group.addTask { [self] in
                // The others end with the link, whatever happens here.
                defer { link.stop() }
                try await consumeUntilStop(connector, lifecycle)
            }
            group.addTask { _ = try await lifecycle.untilStop { await connector.watchDeadlines() } }
            do { for try await _ in group {} } catch {
                link.stop()
                throw error
            }
        }
    }

    /// Consumes until a stop has settled what is under way: a consumer that is cancelled can commit no more.
    private func consumeUntilStop(_ connector: Connector, _ lifecycle: Lifecycle) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [self] in try await consume(connector, lifecycle) }
            group.addTask {
                await lifecycle.waitForStop()
                await connector.stop()
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private func consume(_ connector: Connector, _ lifecycle: Lifecycle) async throws {
        var attempt = 0
        while !lifecycle.isStopping {
            do throws(BusError) {
                try await join(connector, lifecycle)
                if !lifecycle.isStopping { throw BusError(.unavailable, "the consumer has ended") }
            } catch {
                guard !error.isFatal else { throw error }
                attempt += 1
                logger.warning("bus unavailable", ["error": "\(error)", "attempt": .int(Int64(attempt))])
            }
            do { try await time.sleep(for: backoff.delay(attempt: attempt) ?? backoff.maximum) } catch { return }
        }
        // A stop waits for what is under way; this ends with that.
        await lifecycle.waitForStop()
    }

    private func join(_ connector: Connector, _ lifecycle: Lifecycle) async throws(BusError) {
        try await bus.log.createTopic(configuration.commandTopic, TopicOptions())
        try await bus.log.createTopic(
            configuration.statusTopic,
            TopicOptions(maximumAge: CommandQueue.statusAge, maximumBytes: CommandQueue.statusBytes))
        let consumer = try await bus.log.consume(configuration.commandTopic, group: configuration.group)
        lifecycle.started()
        do throws(BusError) { try await connector.takeCommands(consumer) } catch {
            await consumer.close()
            throw error
        }
    }
}
