import BusClients
import BusTestKit
import Contracts
import Glibc
import Runtime
import Testing

@testable import DeviceConnector

@Suite(.needsMosquitto, .timeLimit(.minutes(2))) struct ConnectorFaultTests {
    /// Commands that the broker is killed under.
    private static let count = 400
    private static let devices = 20

    @Test func aKilledBrokerLosesNoCommand() async throws {
        let broker = try MosquittoBroker()
        let first = try await broker.start()
        defer { first.end() }
        let device = try await TestDevice(port: broker.port, filter: "devices/+/commands")
        var fixture = try await ConnectorFixture(port: broker.port)
        fixture.configuration.answerTimeout = .zero
        try await fixture.connecting { [fixture] in
            for index in 0..<Self.count / 2 { try await Self.send(index, fixture) }
            // Some have arrived, others are under way.
            _ = await device.messages(20)
            first.send(SIGKILL)
            try await first.wait()
            for index in Self.count / 2..<Self.count { try await Self.send(index, fixture) }
            await fixture.logged("mqtt_disconnected")
            let second = try await broker.start()
            defer { second.end() }
            let reports = try await fixture.reports(Self.count)
            #expect(reports.allSatisfy { $0.step.state == .published && $0.delivery?.acknowledgedAt != nil })
            #expect(Set(reports.map(\.requestID)).count == Self.count && reports.count == Self.count)
            for number in 0..<Self.devices {
                let own = reports.filter { $0.deviceID == "d\(number)" }.map(\.requestID)
                #expect(own == stride(from: number, to: Self.count, by: Self.devices).map { "r\($0)" })
            }
            try await fixture.committed(Int64(Self.count))
            // What was published before the kill may have died with the broker; after it everything arrives.
            let wanted = Set((Self.count / 2..<Self.count).map { "\($0)" })
            var arrived = 0
            while await !Set(device.messages(arrived).map(\.payload)).isSuperset(of: wanted) { arrived += 1 }
        }
    }

    private static func send(_ index: Int, _ fixture: ConnectorFixture) async throws {
        try await fixture.send("r\(index)", device: "d\(index % devices)", payload: "\(index)")
    }

    @Test func aConnectorThatDiedBeforeItsReportDeliversAgain() async throws {
        let broker = try MosquittoBroker()
        let process = try await broker.start()
        defer { process.end() }
        let device = try await TestDevice(port: broker.port, filter: "devices/d/commands")
        let fixture = try await ConnectorFixture(port: broker.port)
        try await fixture.connecting(log: UnwritableLog(fixture.bus.log, topic: ConnectorFixture.statusTopic)) {
            try await fixture.send("r", payload: "1")
            #expect(await device.messages(1).map(\.payload) == ["1"])
            await fixture.logged("reports_not_appended")
        }
        #expect(
            try await fixture.bus.log.committedOffsets(of: ConnectorFixture.group, in: ConnectorFixture.topic) == [:])
        try await fixture.connecting {
            #expect(await device.messages(2).map(\.payload) == ["1", "1"])
            #expect(try await fixture.reports(1).map(\.requestID) == ["r"])
            try await fixture.committed(1)
        }
        // What is committed is not delivered again.
        try await fixture.connecting {
            try await fixture.send("next", payload: "2")
            #expect(await device.messages(3).map(\.payload) == ["1", "1", "2"])
        }
    }

    @Test func whatExpiresWhileTheBrokerIsAwayIsNotDelivered() async throws {
        let broker = try MosquittoBroker()
        let fixture = try await ConnectorFixture(port: broker.port)
        try await fixture.connecting {
            await fixture.logged("mqtt_disconnected")
            try await fixture.send("short", expiresAt: SystemTime().now.advanced(by: .milliseconds(200)))
            try await fixture.send("long")
            #expect(try await fixture.reports(1).map(\.requestID) == ["short"])
            let process = try await broker.start()
            defer { process.end() }
            let reports = try await fixture.reports(2)
            #expect(reports.map(\.step.state) == [.expired, .published])
            #expect(reports.map(\.requestID) == ["short", "long"])
        }
    }
}
