import BusClients
import BusTestKit
import Glibc
import Runtime
import Testing

/// A consumer that is slower than its producer all the time, a minute in `make soak`: what it does not take stays with
/// the broker, and the memory of its process stays as it is.
@Suite struct SlowConsumerTests {
    private static let duration: Duration = getenv("FLOTILLA_SOAK") == nil ? .seconds(6) : .seconds(60)
    /// 400 KB a call, fifty times a second: 120 MB in the shortest run.
    private static let body = [UInt8](repeating: 7, count: 4096)
    private static let bodiesPerCall = 100
    private static let pause: Duration = .milliseconds(20)
    private static let allowance = 16 << 20

    @Test func ofEmbeddedQueues() async throws {
        let folder = try TemporaryFolder()
        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: folder.path))
        try await outrunJobs(bus)
        await bus.close()
    }

    @Test(.needsRabbitMQ) func ofRabbitMQQueues() async throws {
        let broker = try await RabbitMQBroker.shared
        try await withClient(broker.url(vhost: try await broker.addVirtualHost())) { client in
            let folder = try TemporaryFolder()
            let embedded = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: folder.path))
            try await outrunJobs(Bus(queues: client.queues, events: client.events, log: embedded.log, close: {}))
            await embedded.close()
        }
    }

    @Test(.needsRabbitMQ) func ofRabbitMQEvents() async throws {
        let broker = try await RabbitMQBroker.shared
        try await withClient(broker.url(vhost: try await broker.addVirtualHost())) { client in
            let options = EventExchangeOptions(maximumBytes: 64 << 20)
            try await client.events.declare("events", options)
            let events = try await client.events.subscribe(to: "events", matching: ["#"], from: .next)
            try await outrun(events) { call in
                let events = (0..<Self.bodiesPerCall).map {
                    Event(routingKey: "a", message: Message(id: MessageID("\(call)-\($0)"), body: Self.body))
                }
                try await client.events.publish(events, to: "events")
            }
        }
    }

    @Test func ofKafkaTopics() async throws {
        try await withKafka {
            $0.maximumFetchedBytes = 8 << 20
        } _: { kafka in
            try await kafka.log.createTopic("topic", TopicOptions(partitions: 4))
            let records = try await kafka.log.follow("topic", from: [:])
            try await outrun(records) { call in
                let records = (0..<Self.bodiesPerCall).map { LogRecord(key: "\(call)-\($0)", value: Self.body) }
                _ = try await kafka.log.append(records, to: "topic")
            }
        }
    }

    private func outrunJobs(_ bus: Bus) async throws {
        try await bus.queues.declare("jobs", WorkQueueOptions())
        let deliveries = try await bus.queues.consume("jobs", prefetch: 16)
        try await outrun(deliveries, handle: { for delivery in $0 { delivery.ack() } }) { call in
            let jobs = (0..<Self.bodiesPerCall).map {
                Job(Message(id: MessageID("\(call)-\($0)"), body: Self.body))
            }
            try await bus.queues.enqueue(jobs, to: "jobs")
        }
    }

    /// Produces at a steady pace while the consumer takes a batch a second.
    private func outrun<Item: Sendable>(
        _ batches: Batches<Item>, handle: @escaping @Sendable ([Item]) async throws -> Void = { _ in },
        produce: (Int) async throws -> Void
    ) async throws {
        let consumer = Task {
            var taken = 0
            for try await batch in batches {
                try await handle(batch)
                taken += batch.count
                // Cancelled: the batches end.
                try? await Task.sleep(for: .seconds(1))
            }
            return taken
        }
        let clock = ContinuousClock()
        let begun = clock.now
        var (calls, settled, highest) = (0, 0, 0)
        while clock.now - begun < Self.duration {
            try await produce(calls)
            calls += 1
            let resident = residentBytes()
            // Buffers and caches have the size that they keep after a quarter of the time.
            if clock.now - begun < Self.duration / 4 { settled = max(settled, resident) }
            highest = max(highest, resident)
            try await Task.sleep(for: Self.pause)
        }
        consumer.cancel()
        let taken = try await consumer.value
        let produced = calls * Self.bodiesPerCall
        #expect(taken > 0 && taken < produced / 2, "\(taken) of \(produced): the consumer was not slow")
        #expect(produced * Self.body.count > 2 * Self.allowance, "\(produced) messages show nothing")
        #expect(highest - settled < Self.allowance, "memory grew by \((highest - settled) >> 20) MiB")
    }
}

/// The second field of `/proc/self/statm`, in pages of 4 KiB.
func residentBytes() -> Int {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    var text = [UInt8](repeating: 0, count: 128)
    let count = read(descriptor, &text, text.count)
    let fields = String(decoding: text.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * 4096
}
