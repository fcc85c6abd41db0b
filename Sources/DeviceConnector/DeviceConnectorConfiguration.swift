package import BusClients
import Contracts

/// What a device connector is set to.
package struct DeviceConnectorConfiguration: Sendable {
    /// The topic that commands come on (`KAFKA_COMMAND_TOPIC`).
    package var commandTopic: Topic
    package var statusTopic = Topic(StreamNames.deviceCommandStatus)
    /// The connectors of one group share the commands.
    package var group: ConsumerGroup = "flotilla_device_connector_mqtt"
    package var mqtt: MQTTConfiguration
    /// How long a device's answer is waited for; zero does not wait for any.
    package var answerTimeout: Duration = .seconds(60)
    /// Commands in hand whose offsets are not committed.
    package var window = 2048
    /// Bytes of payloads in hand.
    package var windowBytes = 16 << 20
    /// Commands that the broker has not acknowledged.
    package var maximumInFlight = 256
    /// How long a broker that is connected may take to acknowledge a command.
    package var acknowledgementTimeout: Duration = .seconds(60)
    /// Commands whose devices' answers are waited for; of others the view alone tells that their time is over.
    package var maximumAwaited = 100_000
    /// How long a stop waits for the broker's acknowledgements.
    package var settling: Duration = .seconds(3)

    package init(commandTopic: Topic = Topic(StreamNames.deviceCommands), mqtt: MQTTConfiguration) {
        self.commandTopic = commandTopic
        self.mqtt = mqtt
    }
}
