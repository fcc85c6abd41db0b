import Contracts
import Runtime
import Testing

/// What connectors report, in every order.
@Suite struct DeviceReportTests {
    private static func step(_ state: CommandState, _ second: Int64, reason: String? = nil) -> CommandTransition {
        var delivery = DeviceDelivery(transport: "mqtt")
        delivery.reason = reason
        return CommandTransition(
            state, at: Timestamp(microseconds: second * 1_000_000), evidence: .delivery(delivery))
    }

    private static func permutations<T>(_ values: [T]) -> [[T]] {
        guard values.count > 1 else { return [values] }
        return values.indices.flatMap { index in
            var rest = values
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }

    @Test func theOrderOfReportsDoesNotMatter() throws {
        let steps = [
            Self.step(.published, 1), Self.step(.published, 4), Self.step(.timedOut, 3), Self.step(.acknowledged, 5),
            Self.step(.rejected, 6), Self.step(.expired, 2),
        ]
        for order in Self.permutations(steps) {
            var history = DeviceHistory()
            for step in order + order { history.add(step) }
            #expect(history.steps == [steps[0], steps[2], steps[3]])
            #expect(history.state == .acknowledged)
            #expect(try DeviceHistory(json: String(decoding: history.json, as: UTF8.self)) == history)
        }
    }

    @Test func aTimeoutAfterTheAnswerIsNone() {
        for order in Self.permutations([Self.step(.published, 1), Self.step(.rejected, 2), Self.step(.timedOut, 3)]) {
            var history = DeviceHistory()
            for step in order { history.add(step) }
            #expect(history.steps.map(\.state) == [.published, .rejected] && history.state == .rejected)
        }
    }

    @Test func aRepeatIsNothingNew() {
        var history = DeviceHistory()
        #expect(history.state == nil)
        var news = [Self.step(.expired, 1), Self.step(.failed, 2)].map { history.add($0) }
        #expect(history.state == .expired)
        news.append(history.add(Self.step(.published, 3)))
        #expect(news == [true, false, true])
        #expect(history.state == .published && history.steps.count == 1)
    }

    @Test(arguments: [
        #"{"request_id":"","device_id":"d","report":{"status":"published","at":"2026-11-21T03:00:00Z","evidence":{"transport":"mqtt"}}}"#,
        #"{"request_id":"r","device_id":"d","report":{"status":"accepted","at":"2026-11-21T03:00:00Z","evidence":{"transport":"mqtt"}}}"#,
        #"{"request_id":"r","device_id":"d","report":{"status":"failed","at":"2026-11-21T03:00:00Z","evidence":{"reason":"x"}}}"#,
        #"{"request_id":"r","device_id":"d","report":{"status":"lost","at":"2026-11-21T03:00:00Z","evidence":{"transport":"mqtt"}}}"#,
        #"{"request_id":"r","device_id":"d","report":7}"#,
    ])
    func whatIsNoReportIsRefused(text: String) throws {
        let root = try JSONDocument(parsing: text).root
        #expect(throws: MessageError.self) { try DeviceReport(root) }
    }

    @Test func aCommandIsReadWhoeverWroteIt() throws {
        let text =
            #"{"request_id":"r","device_id":"d","command_type":"c","payload":{"a":1},"protocol":"MQTT","metadata":"#
            + #"{"qos":2,"retain":true,"topic":"t","response_timeout_seconds":1.5},"expires_at":"2026-11-21T03:00:00"}"#
        let command = try DeviceCommand(value: Array(text.utf8), expiresAt: "2026-11-21T02:00:00Z")
        #expect(command.deviceProtocol == "mqtt" && command.qos == 2 && command.retain == true)
        #expect(command.topic == "t" && command.answerTimeout == .milliseconds(1500) && command.priority == 0)
        #expect(command.expiresAt == Timestamp(rfc3339: "2026-11-21T02:00:00Z"))
        #expect(String(decoding: command.payload, as: UTF8.self) == #"{"a":1}"#)
        #expect(throws: DeviceCommand.Refusal.feedback) {
            try DeviceCommand(value: Array(#"{"command_type":"feedback"}"#.utf8), expiresAt: nil)
        }
        #expect(throws: DeviceCommand.Refusal.unreadable("not a JSON object")) {
            try DeviceCommand(value: Array("[]".utf8), expiresAt: nil)
        }
        #expect(
            throws: DeviceCommand.Refusal.malformed(
                requestID: "r", deviceID: "d", reason: "metadata.topic must be a string")
        ) {
            let text =
                #"{"request_id":"r","device_id":"d","command_type":"c","payload":{},"protocol":"mqtt","metadata":{"topic":1}}"#
            _ = try DeviceCommand(value: Array(text.utf8), expiresAt: nil)
        }
    }

    @Test func anAnswerIsAWordAndMaybeAReason() throws {
        let answer = try DeviceAnswer(message: Array(#"{"status":"rejected","reason":"no","request_id":"r"}"#.utf8))
        #expect(answer.state == .rejected && answer.reason == "no" && answer.requestID == "r")
        for text in ["", "{}", #"{"status":"done"}"#, #"{"status":1}"#] {
            #expect(throws: (any Error).self) { try DeviceAnswer(message: Array(text.utf8)) }
        }
    }
}
