import BusClients
import BusTestKit
import Contracts
import Glibc
import Runtime
import Testing

@testable import DeviceConnector

@Suite(.needsMosquitto, .timeLimit(.minutes(2))) struct DeviceConnectorServiceTests {
    @Test(arguments: [MQTTConfiguration.Version.five, .three])
    func deliversAndReportsWhatTheDeviceAnswers(version: MQTTConfiguration.Version) async throws {
        let broker = try MosquittoBroker()
        let process = try await broker.start()
        defer { process.end() }
        let device = try await TestDevice(port: broker.port, filter: "devices/d/commands")
        var fixture = try await ConnectorFixture(port: broker.port)
        fixture.configuration.mqtt.version = version
        try await fixture.connecting { [fixture] in
            try await fixture.send("r1", payload: #"{"delay":[1,2.5,"x"]}"#)
            try await fixture.send("r2", more: #","qos":2"#)
            let received = await device.messages(2)
            #expect(received.map(\.payload) == [#"{"delay":[1,2.5,"x"]}"#, "{}"])
            device.answer("r1")
            device.answer("r2", "rejected", reason: "the valve is stuck")
            let reports = try await fixture.reports(4)
            let handed = reports.filter { $0.step.state == .published }
            #expect(handed.map(\.requestID) == ["r1", "r2"])
            for (report, qos) in zip(handed, [1, 2]) {
                let delivery = try #require(report.delivery)
                #expect(delivery.transport == "mqtt" && delivery.broker == "127.0.0.1:\(broker.port)")
                #expect(delivery.topic == "devices/d/commands" && delivery.qos == qos && delivery.mid != nil)
                #expect(delivery.acknowledgedAt == report.step.at && delivery.reason == nil)
                #expect(delivery.answerBy == report.step.at.advanced(by: .seconds(60)))
            }
            let answers = reports.filter { $0.step.state != .published }.sorted { $0.requestID < $1.requestID }
            #expect(answers.map(\.requestID) == ["r1", "r2"])
            #expect(answers.map(\.step.state) == [.acknowledged, .rejected])
            #expect(answers.map(\.deviceID) == ["d", "d"])
            #expect(answers.last?.delivery?.reason == "the valve is stuck")
            try await fixture.committed(2)
            let metrics = fixture.metrics.render()
            #expect(metrics.contains("flotilla_mqtt_acknowledgement_seconds_count 2"))
            #expect(metrics.contains(#"flotilla_device_commands_total{outcome="handed_over"} 2"#))
            #expect(metrics.contains("flotilla_mqtt_connected 1"))
        }
    }

    @Test func aSilentDeviceTimesOutAndItsLateAnswerIsReported() async throws {
        let broker = try MosquittoBroker()
        let process = try await broker.start()
        defer { process.end() }
        let device = try await TestDevice(port: broker.port, filter: "devices/d/commands")
        let fixture = try await ConnectorFixture(port: broker.port)
        try await fixture.connecting {
            try await fixture.send("r", more: #","metadata":{"response_timeout_seconds":0.2}"#)
            let silent = try await fixture.reports(2)
            #expect(silent.map(\.step.state) == [.published, .timedOut])
            #expect(silent.last?.delivery?.reason == "the device did not answer in time")
            // Late, twice, and of a command that nobody sent.
            device.answer("r")
            device.answer("r")
            device.answer("unknown")
            device.publish("not an answer", to: "devices/d/commands/r/ack")
            device.answer("last")
            let reports = try await fixture.reports(6)
            #expect(reports.dropFirst(2).map(\.requestID) == ["r", "r", "unknown", "last"])
            var history = DeviceHistory()
            for report in reports where report.requestID == "r" { history.add(report.step) }
            #expect(history.steps.map(\.state) == [.published, .timedOut, .acknowledged])
            #expect(history.state == .acknowledged)
        }
    }

    @Test func refusesWhatCannotBeDeliveredAndGoesOn() async throws {
        let broker = try MosquittoBroker()
        let process = try await broker.start()
        defer { process.end() }
        let device = try await TestDevice(port: broker.port, filter: "#")
        let fixture = try await ConnectorFixture(port: broker.port)
        let past = SystemTime().now.advanced(by: .milliseconds(-1))
        try await fixture.connecting {
            try await fixture.send("wild", more: #","metadata":{"topic":"devices/+/commands"}"#)
            try await fixture.send("long", more: #","metadata":{"topic":"\#(String(repeating: "x", count: 70_000))"}"#)
            try await fixture.send("deep", more: #","metadata":{"topic":"\#(String(repeating: "x/", count: 300))"}"#)
            try await fixture.send("number", more: #","metadata":{"mqtt_topic":5}"#)
            try await fixture.send("list", more: #","metadata":[1]"#)
            try await fixture.send("quality", more: #","qos":7"#)
            try await fixture.send("slash", device: "a/b")
            try await fixture.send("late", expiresAt: past)
            try await fixture.send("other", deviceProtocol: "coap")
            try await fixture.sendRaw("not JSON")
            try await fixture.sendRaw(#"{"command_type":"feedback","request_id":"r","payload":{"status":"success"}}"#)
            try await fixture.send(
                "good", more: #","metadata":{"topic":"own/topic","response_timeout_seconds":0,"qos":0},"retain":true"#)
            let reports = try await fixture.reports(9)
            #expect(
                reports.map(\.requestID) == [
                    "wild", "long", "deep", "number", "list", "quality", "slash", "late", "good",
                ])
            #expect(reports.prefix(7).allSatisfy { $0.step.state == .failed && $0.delivery?.reason != nil })
            #expect(reports[0].delivery?.reason == "the topic has wildcards")
            #expect(reports[7].step.state == .expired)
            #expect(reports[7].delivery?.reason == "not handed to the broker before its expiry")
            #expect(reports[8].step.state == .published && reports[8].delivery?.answerBy == nil)
            #expect(reports[8].delivery?.acknowledgedAt == nil)
            try await fixture.committed(12)
            await fixture.logged("record_unreadable")
            #expect(await device.messages(1) == [TestDevice.Received(topic: "own/topic", payload: "{}")])
            let later = try await TestDevice(port: broker.port, name: "later", filter: "own/#")
            #expect(await later.messages(1).map(\.topic) == ["own/topic"])
        }
    }

    @Test func aRefusedConnectionIsToldAndTriedAgain() async throws {
        let broker = try MosquittoBroker()
        let users = try await broker.passwordFile(user: "fleet", password: "right")
        let strict = try await broker.start(["allow_anonymous false", "password_file \(users)"])
        defer { strict.end() }
        var fixture = try await ConnectorFixture(port: broker.port)
        fixture.configuration.mqtt.username = "fleet"
        fixture.configuration.mqtt.password = "wrong"
        try await fixture.connecting { [fixture] in
            try await fixture.send("r")
            await fixture.logged("mqtt_refused")
            let line = try #require(fixture.log.lines.first { $0.contains("mqtt_refused") })
            #expect(line.contains("Not authorized") && !line.contains("wrong"))
            strict.send(SIGKILL)
            try await strict.wait()
            let open = try await broker.start()
            defer { open.end() }
            #expect(try await fixture.reports(1).map(\.step.state) == [.published])
        }
    }

    @Test func speaksTLSWithAPassword() async throws {
        let broker = try MosquittoBroker()
        let users = try await broker.passwordFile(user: "fleet", password: "right")
        let files = try await TestCertificates(in: broker.folderPath)
        let process = try await broker.start([
            "allow_anonymous false", "password_file \(users)", "certfile \(files.certificate)", "keyfile \(files.key)",
        ])
        defer { process.end() }
        var fixture = try await ConnectorFixture(port: broker.port)
        fixture.configuration.mqtt.username = "fleet"
        fixture.configuration.mqtt.password = "right"
        fixture.configuration.mqtt.usesTLS = true
        // The system trusts no such authority.
        try await fixture.connecting { [fixture] in await fixture.logged("mqtt_disconnected") }
        fixture.configuration.mqtt.authorities = try TestFiles.read(files.authority)
        try await fixture.connecting { [fixture] in
            try await fixture.send("r")
            #expect(try await fixture.reports(1).map(\.step.state) == [.published])
        }
    }
}
