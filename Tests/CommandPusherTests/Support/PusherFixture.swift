import BusClients
import BusTestKit
import CommandPusher
import Contracts
import Runtime

/// A pusher on an embedded bus in a folder of its own.
struct PusherFixture: Sendable {
    static let queue = QueueName(StreamNames.commandRequests)
    static let topic = Topic(StreamNames.deviceCommands)
    static let statusTopic = Topic(StreamNames.deviceCommandStatus)

    let bus: Bus
    let folder: TemporaryFolder
    let log = LogMemory()

    init() async throws {
        folder = try TemporaryFolder()
        bus = try await EmbeddedBus.open(
            EmbeddedBusConfiguration(folder: folder.path), time: SystemTime(), logger: .silent, metrics: nil)
        try await bus.queues.declare(Self.queue, WorkQueueOptions(maximumAttempts: 10, singleActiveConsumer: true))
        try await bus.log.createTopic(Self.topic, TopicOptions(partitions: 3))
        try await bus.log.createTopic(Self.statusTopic, TopicOptions())
    }

    /// Runs a pusher while the body runs.
    func pushing<T: Sendable>(
        log: (any MessageLog)? = nil, _ body: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        let own = bus
        let seen = Bus(queues: own.queues, events: own.events, log: log ?? own.log, close: {})
        let service = CommandPushService(
            bus: seen, time: SystemTime(), metrics: MetricsRegistry(),
            logger: Logger(component: "pusher", sink: LogSink(format: .json, memory: self.log)))
        let lifecycle = Lifecycle()
        let running = Task { try await service.run(lifecycle) }
        let outcome: Result<T, any Error>
        do {
            outcome = .success(try await withDeadline("the test", body))
        } catch {
            outcome = .failure(error)
        }
        lifecycle.requestStop()
        try await withDeadline("the pusher stops") { try await running.value }
        return try outcome.get()
    }

    /// One line of a job.
    static func line(
        _ id: String, device: String = "d", payload: String = "{}", isKeyed: Bool = false, expiresAt: Timestamp? = nil
    ) throws -> [UInt8] {
        let now = SystemTime().now
        let text = #"{"device_id":"\#(device)","command_type":"c","payload":\#(payload),"protocol":"mqtt"}"#
        let request = try CommandRequest.single(try JSONDocument(parsing: text).root, now: now)
        var writer = JSONWriter()
        CommandEnvelope.write(
            request, id: id, acceptedAt: now, expiresAt: expiresAt,
            fingerprint: isKeyed ? "0a" : nil, to: &writer)
        return writer.bytes
    }

    func enqueue(_ id: String, _ lines: [[UInt8]], headers: Headers = [:]) async throws {
        let body = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
        try await bus.queues.enqueue([Job(Message(id: MessageID(id), headers: headers, body: body))], to: Self.queue)
    }

    /// The next statuses, until there are so many.
    func statuses(_ count: Int) async throws -> [CommandStatus] {
        var statuses: [CommandStatus] = []
        for try await records in try await bus.log.follow(Self.statusTopic, from: [:]) {
            for record in records {
                for line in JSONLines(record.record.value) {
                    let root = try JSONDocument(parsing: line).root
                    if try PublishedCommands.read(root, { statuses.append($0.status(of: $1)) }) { continue }
                    statuses.append(try CommandStatus(root))
                }
            }
            if statuses.count >= count { return statuses }
        }
        return statuses
    }

    /// Every record of the command topic, partition by partition.
    func records() async throws -> [StoredRecord] {
        var all: [StoredRecord] = []
        for (partition, range) in try await bus.log.offsets(of: Self.topic).enumerated() where !range.isEmpty {
            all += try await bus.log.read(
                Self.topic, partition: partition, from: range.lowerBound, limit: Int(range.upperBound))
        }
        return all
    }

    /// The request ids of the records.
    func publishedIDs() async throws -> [String] {
        try await records().compactMap { $0.record.headers[CommandRecord.requestIDHeader] }
    }

    /// Waits until the queue is empty.
    func drained() async throws {
        while true {
            let status = try await bus.queues.status(of: Self.queue)
            if status.ready + status.delayed + status.inFlight == 0 { return }
            await Task.yield()
        }
    }
}
