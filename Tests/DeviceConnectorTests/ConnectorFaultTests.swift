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

    @Test func whatExpiresUnderWayIsNotSentAgain() async throws {
        let broker = try MosquittoBroker()
        let first = try await broker.start()
        defer { first.end() }
        var configuration = MQTTConfiguration(host: "127.0.0.1", port: broker.port)
        configuration.backoff = RetryPolicy(initial: .milliseconds(10), maximum: .milliseconds(100))
        let link = try MQTTLink(configuration, filter: nil, longestMessage: 1, time: SystemTime())
        defer { link.stop() }
        try await withDeadline("the link", seconds: 40) {
            try await Self.hear(link) { if case .connected = $0 { true } else { false } }
            // It takes what is sent and says nothing.
            first.send(SIGSTOP)
            let end = SystemTime().now.advanced(by: .milliseconds(300))
            link.send(Self.message("short", expiresAt: end), token: 1)
            link.send(Self.message("long", expiresAt: nil), token: 2)
            first.send(SIGKILL)
            try await first.wait()
            var returned: Set<Int> = []
            try await Self.hear(link) { event in
                if case .returned(let token) = event { returned.insert(token) }
                return returned == [1, 2]
            }
            let second = try await broker.start()
            defer { second.end() }
            let device = try await TestDevice(port: broker.port, filter: "t")
            link.send(Self.message("after", expiresAt: nil), token: 3)
            try await Self.hear(link) { event in
                if case .returned(3) = event { link.send(Self.message("after", expiresAt: nil), token: 3) }
                if case .acknowledged(3, _, _, _) = event { return true }
                return false
            }
            #expect(await device.messages(1).map(\.payload) == ["after"])
        }
    }

    private static func message(_ payload: String, expiresAt: Timestamp?) -> MQTTMessage {
        MQTTMessage(
            topic: "t", payload: Array(payload.utf8), qos: 1, retain: false, expiresAt: expiresAt, answerTopic: nil,
            correlation: payload)
    }

    /// Hears what a link says until something is among it.
    private static func hear(_ link: MQTTLink, until isWanted: (MQTTLink.Event) -> Bool) async throws {
        while let events = await link.events() {
            // All of them: what comes together is not told again.
            if events.filter(isWanted).count > 0 { return }
        }
        throw ChildFailure("the link has ended")
    }
}
