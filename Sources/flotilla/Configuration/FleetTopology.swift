import BusClients
import Contracts

/// Every queue, exchange and topic of the fleet, with its options.
///
/// Each role declares all of it when it starts, so that the order in which roles start does not matter.
struct FleetTopology: Sendable {
    var queues: [QueueName: WorkQueueOptions]
    var exchanges: [ExchangeName: EventExchangeOptions]
    var topics: [Topic: TopicOptions]

    /// - Parameters:
    ///   - host: The name in the fleet of the host whose queues are declared.
    ///   - commandTopic: The topic that connectors read (`KAFKA_COMMAND_TOPIC`).
    ///   - partitions: Of the topics that are spread by device or host. The embedded log has one writer, so more than
    ///     one would buy it nothing.
    init(host: String, commandTopic: Topic, partitions: Int = 1) {
        let week: Duration = .seconds(7 * 86_400)
        queues = [
            QueueName(StreamNames.commandRequests): WorkQueueOptions(
                maximumAttempts: CommandQueue.maximumAttempts, leaseDuration: CommandQueue.leaseDuration,
                maximumLength: CommandQueue.maximumLength, singleActiveConsumer: true),
            // A session that was cut off by a crash is looked at again; one that crashes its worker every time must
            // not do so for ever. One worker at a time changes a host.
            QueueName(StreamNames.optimizeHost(host)): WorkQueueOptions(
                maximumAttempts: 3, maximumLength: 10_000, singleActiveConsumer: true),
            QueueName(StreamNames.inspect(host)): WorkQueueOptions(
                maximumAttempts: InspectionStreams.attempts, leaseDuration: InspectionStreams.lease,
                maximumLength: InspectionStreams.queueLength),
            QueueName(StreamNames.alertWebhooks): WorkQueueOptions(
                maximumAttempts: WebhookQueue.maximumAttempts, leaseDuration: WebhookQueue.leaseDuration,
                maximumLength: WebhookQueue.maximumLength),
        ]
        exchanges = [
            ExchangeName(StreamNames.optimizationEvents): EventExchangeOptions(maximumAge: week),
            ExchangeName(StreamNames.fleetEvents): EventExchangeOptions(
                maximumAge: AlertStream.age, maximumBytes: AlertStream.bytes),
            ExchangeName(StreamNames.commandEvents): EventExchangeOptions(
                maximumAge: CommandQueue.statusAge, maximumBytes: CommandQueue.statusBytes),
            ExchangeName(StreamNames.commandCancellations): EventExchangeOptions(
                maximumAge: CommandCancellation.age, maximumBytes: CommandCancellation.bytes),
            ExchangeName(StreamNames.fleetAudit): EventExchangeOptions(maximumAge: .seconds(90 * 86_400)),
            // A cancellation concerns what runs now.
            ExchangeName(StreamNames.fleetControl): EventExchangeOptions(
                maximumAge: .seconds(3600), maximumBytes: 16 << 20),
            ExchangeName(StreamNames.fleetAnswers): EventExchangeOptions(
                maximumAge: InspectionStreams.answerAge, maximumBytes: InspectionStreams.answerBytes),
        ]
        topics = [
            commandTopic: TopicOptions(partitions: partitions, maximumAge: week),
            Topic(StreamNames.deviceCommandStatus): TopicOptions(
                maximumAge: CommandQueue.statusAge, maximumBytes: CommandQueue.statusBytes),
            // About 2 KB a second and host: a day and a half of one host. What is older is in the views.
            Topic(StreamNames.hostMetrics): TopicOptions(
                partitions: partitions, maximumAge: .seconds(2 * 86_400), maximumBytes: 256 << 20),
            Topic(StreamNames.fleetConfiguration): TopicOptions(
                maximumAge: nil, maximumBytes: nil, isCompacted: true),
        ]
    }

    /// Creates what is missing and brings the options of the rest up to date. All at once: the embedded bus commits
    /// what waits together.
    func declare(on bus: Bus) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (name, options) in queues { group.addTask { try await bus.queues.declare(name, options) } }
            for (name, options) in exchanges { group.addTask { try await bus.events.declare(name, options) } }
            for (name, options) in topics { group.addTask { try await bus.log.createTopic(name, options) } }
            try await group.waitForAll()
        }
    }
}
