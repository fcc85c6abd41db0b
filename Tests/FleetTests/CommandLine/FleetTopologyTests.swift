import BusClients
import Contracts
import Testing

@testable import flotilla

@Suite struct FleetTopologyTests {
    @Test func oneWorkerAtATimeChangesAHostAndOnePushesCommands() {
        let topology = FleetTopology(host: "h1", commandTopic: Topic("device_commands"))
        for name in [StreamNames.optimizeHost("h1"), StreamNames.commandRequests] {
            #expect(topology.queues[QueueName(name)]?.singleActiveConsumer == true, "\(name)")
        }
    }
}
