import BusClients
import Runtime
import Synchronization

/// Opens the bus that the settings name.
struct FleetBus: Sendable {
    let settings: BusSettings
    let folder: StateFolder
    let time: any TimeSource
    let logger: Logger
    var metrics: MetricsRegistry?

    /// Opens every transport, or none.
    /// - Throws: `.unavailable` when a broker cannot be reached now, `.accessRefused` when it refuses this client.
    func open() async throws(BusError) -> Bus {
        var closing: [@Sendable () async -> Void] = []
        do throws(BusError) {
            var queues: (any WorkQueue)?
            var events: (any EventExchange)?
            var log: (any MessageLog)?
            if let configuration = settings.rabbitMQ {
                let client = try await RabbitMQClient.connect(
                    configuration, time: time, logger: logger, metrics: metrics)
                closing.append { await client.close() }
                queues = client.queues
                events = client.events
            }
            if let configuration = settings.kafka {
                let client = try await KafkaClient.connect(configuration, time: time, logger: logger, metrics: metrics)
                closing.append { await client.close() }
                log = client.log
            }
            if let queues, let events, let log { return bus(queues, events, log, closing) }
            let embedded = try await EmbeddedBus.open(
                EmbeddedBusConfiguration(folder: folder.path), time: time, logger: logger, metrics: metrics)
            closing.append { await embedded.close() }
            return bus(queues ?? embedded.queues, events ?? embedded.events, log ?? embedded.log, closing)
        } catch {
            for close in closing.reversed() { await close() }
            throw error
        }
    }

    /// As `open`, but waits for brokers that are not there yet: roles may start before them.
    /// - Returns: Nil when the process was asked to stop meanwhile.
    func openWhenReachable() async throws -> Bus? {
        let opened = Mutex<Bus?>(nil)
        let wasInterrupted = try await Interruption.endsEarly(time: time) { [self] in
            let policy = RetryPolicy(initial: .milliseconds(500), maximum: .seconds(10))
            try await policy.run(time: time) { error in
                guard let error = error as? BusError, error.code == .unavailable, settings.hasBroker else {
                    return false
                }
                logger.warning("bus_unreachable", ["error": .string(error.message)])
                return true
            } body: {
                let bus = try await open()
                opened.withLock { $0 = bus }
            }
        }
        let bus = opened.withLock { $0.take() }
        guard wasInterrupted else { return bus }
        await bus?.close()
        return nil
    }

    private func bus(
        _ queues: any WorkQueue, _ events: any EventExchange, _ log: any MessageLog,
        _ closing: [@Sendable () async -> Void]
    ) -> Bus {
        Bus(queues: queues, events: events, log: log) { for close in closing.reversed() { await close() } }
    }
}
