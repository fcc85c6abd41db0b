import BusTestKit
import Contracts
import Glibc
import Runtime
import Testing

@testable import Ingress

/// From a value over its threshold to the receiver of a webhook, through `kill -9`.
@Suite struct WebhookTests {
    private static let config = "/api/v1/hardware/monitoring/config"

    private static func answer(
        _ fleet: Fleet, _ method: String, _ body: String? = nil
    ) async throws -> (status: Int, body: [UInt8]) {
        let thread = BlockingThread(name: "test-asks")
        defer { thread.submit {} }
        return try await thread.run {
            let answer = try fleet.client().send(method, config, body: body)
            return (answer.status, answer.body)
        }
    }

    @Test func anAlertReachesItsReceiverAlthoughTheFleetIsKilled() async throws {
        let state = try TemporaryFolder()
        let source = state.path + "/source.json"
        let descriptor = open(source, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        let text = #"{"ram_percent": 99}"#
        #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
        close(descriptor)
        let extra = ["WEBHOOK_ALLOW_PRIVATE": "true", "METRICS_SOURCE_FILE": source]
        try await WebhookReceiver.run { receiver in
            let first = try await Fleet.up(state.path, extra)
            let set = try await Self.answer(
                first, "POST",
                #"{"interval_seconds":5,"intervals":{"memory":1},"notification_webhooks":["\#(receiver.url)"],"#
                    + #""alert_rules":[{"name":"ram","metric":"memory_percent","for_seconds":0,"#
                    + #""levels":[{"severity":"high","enter":60}]}]}"#)
            #expect(set.status == 200, "\(String(decoding: set.body, as: UTF8.self))")
            let secret = try #require(try JSONDocument(parsing: set.body).root["webhook_secret"]?.string)
            _ = try await receiver.calls(1)
            try await first.killHard()

            let second = try await Fleet.up(state.path, extra)
            let calls = try await receiver.calls(2)
            #expect(calls[0].id == calls[1].id)
            #expect(calls[0].body == calls[1].body)
            let key = try #require(WebhookSecret(secret))
            for call in calls {
                let seconds = try #require(Int64(call.seconds))
                #expect(call.signature == key.signature(id: call.id, seconds: seconds, body: call.body))
            }
            let payload = try JSONDocument(parsing: calls[1].body).root
            #expect(payload["type"]?.string == "alert.raised")
            #expect(payload["data"]?["rule"]?.string == "ram")
            #expect(payload["data"]?["value"]?.double == 99)
            let read = try await Self.answer(second, "GET")
            #expect(try JSONDocument(parsing: read.body).root["webhook_secret"]?.string == secret)
            #expect(try await second.stop() == 0)
        }
    }
}
