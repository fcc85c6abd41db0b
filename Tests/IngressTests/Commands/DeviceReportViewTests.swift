import BusClients
import Contracts
import Runtime
import Testing

@testable import Ingress

/// What the view makes of connectors' reports.
@Suite struct DeviceReportViewTests {
    private static func report(
        _ id: String, _ state: CommandState, at: Timestamp, device: String? = nil, answerBy: Timestamp? = nil,
        reason: String? = nil
    ) -> LogRecord {
        var delivery = DeviceDelivery(transport: "mqtt")
        delivery.broker = "broker:1883"
        delivery.answerBy = answerBy
        delivery.reason = reason
        let step = CommandTransition(state, at: at, evidence: .delivery(delivery))
        var writer = JSONWriter()
        DeviceReport(requestID: id, deviceID: device, step: step).write(to: &writer)
        return LogRecord(key: id, value: writer.bytes)
    }

    private static func tell(_ records: [LogRecord], _ ingress: TestIngress) async throws {
        _ = try await ingress.bus.log.append(records, to: Topic(StreamNames.deviceCommandStatus))
    }

    private static func published(_ ingress: TestIngress) async throws -> String {
        let answer = try await ingress.post(TestIngress.command)
        return try #require(try answer.json()["request_id"]?.string)
    }

    @Test func theHistoryTellsWhatTheConnectorDid() async throws {
        try await TestIngress.run { ingress in
            try await ingress.pushing {
                let id = try await Self.published(ingress)
                let now = SystemTime().now
                // In any order, and twice.
                let records = [
                    Self.report(id, .acknowledged, at: now.advanced(by: .seconds(3))),
                    Self.report(id, .timedOut, at: now.advanced(by: .seconds(2)), reason: "no answer"),
                    Self.report(id, .published, at: now.advanced(by: .seconds(1)), answerBy: now),
                    Self.report(id, .rejected, at: now, device: "somebody else"),
                ]
                try await Self.tell(records + records, ingress)
                try await ingress.eventually("the device's word") {
                    let history = try await ingress.commandStatus(id).json()["history"]
                    return history?.elements.map { $0["status"]?.string } == [
                        "accepted", "published", "published", "timed_out", "acknowledged",
                    ]
                }
                let status = try await ingress.commandStatus(id).json()
                #expect(status["status"]?.string == "acknowledged")
                #expect(status["error"]?.isNull == true)
                #expect(status["kafka"]?["topic"]?.string == "device_commands")
                let steps = try #require(status["history"]).elements.map { $0["evidence"]?["transport"]?.string }
                #expect(steps == [nil, nil, "mqtt", "mqtt", "mqtt"])
            }
        }
    }

    @Test func aReportMayComeBeforeItsCommand() async throws {
        try await TestIngress.run { ingress in
            let id = "early-1"
            try await ingress.bus.ensure([.log(Topic(StreamNames.deviceCommandStatus))])
            try await Self.tell([Self.report(id, .rejected, at: SystemTime().now, reason: "stuck")], ingress)
            #expect(try await ingress.commandStatus(id).status == 404)
            try await ingress.pushing {
                let body = String(TestIngress.command.dropLast()) + #","request_id":"early-1"}"#
                #expect(try await ingress.post(body).status == 200)
                let status = try await ingress.commandStatus(id).json()
                #expect(status["status"]?.string == "rejected")
                #expect(status["error"]?.string == "the device answered: stuck")
            }
        }
    }

    @Test(arguments: [(CommandState.expired, "late"), (.failed, "no such topic"), (.timedOut, "silent")])
    func aBadEndIsTold(state: CommandState, reason: String) async throws {
        try await TestIngress.run { ingress in
            try await ingress.pushing {
                let id = try await Self.published(ingress)
                try await Self.tell(
                    [Self.report(id, state, at: SystemTime().now.advanced(by: .seconds(1)), reason: reason)], ingress)
                try await ingress.eventually("the end") {
                    try await ingress.commandStatus(id).json()["status"]?.string == state.rawValue
                }
                #expect(try await ingress.commandStatus(id).json()["error"]?.string == reason)
            }
        }
    }

    @Test func aConnectorThatIsGoneLeavesNoCommandOpen() throws {
        let start = Timestamp(microseconds: 1_795_000_000_000_000)
        var delivery = DeviceDelivery(transport: "mqtt")
        delivery.answerBy = start.advanced(by: .seconds(60))
        let status = CommandStatus(
            requestID: "r", deviceID: "d", commandType: "c", deviceProtocol: "mqtt", fingerprint: nil, expiresAt: nil,
            history: [
                CommandTransition(.published, at: start, evidence: .record(topic: "t", partition: 0, offset: 0)),
                CommandTransition(.published, at: start, evidence: .delivery(delivery)),
            ])
        let grace = Duration.seconds(6)
        #expect(status.at(start.advanced(by: .seconds(65)), grace: grace).state == .published)
        let over = status.at(start.advanced(by: .seconds(67)), grace: grace)
        #expect(over.state == .timedOut && over.history.count == 3)
    }
}
