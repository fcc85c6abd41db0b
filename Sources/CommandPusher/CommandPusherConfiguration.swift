package import BusClients
import Contracts

/// What a command pusher is set to.
package struct CommandPusherConfiguration: Sendable {
    /// The topic that connectors read (`KAFKA_COMMAND_TOPIC`).
    package var commandTopic: Topic
    package var statusTopic: Topic
    package var queue: QueueName
    /// Where ingresses ask that commands are not published.
    package var cancellationExchange = ExchangeName(StreamNames.commandCancellations)
    /// Where the fleet is told of commands that have failed.
    package var failureExchange = ExchangeName(StreamNames.fleetEvents)
    /// Jobs in hand; each is at most `CommandEnvelope.jobBytes`, or one command.
    package var prefetch = 256
    /// Bytes of job bodies that are decoded, and of records that are appended, at a time.
    package var chunkBytes = 4 << 20

    package init(
        commandTopic: Topic = Topic(StreamNames.deviceCommands),
        statusTopic: Topic = Topic(StreamNames.deviceCommandStatus),
        queue: QueueName = QueueName(StreamNames.commandRequests)
    ) {
        self.commandTopic = commandTopic
        self.statusTopic = statusTopic
        self.queue = queue
    }
}
