import BusClients
import BusTestKit
import Contracts
import HTTPKit
import Runtime
import Testing

@testable import Ingress

@Suite struct WebhookSenderTests {
    private static let queue = QueueName(StreamNames.alertWebhooks)
    private static let config = "/api/v1/hardware/monitoring/config"

    private static func configuration(
        allowsPrivate: Bool = true, timeout: Duration = .seconds(10)
    )
        -> WebhookConfiguration
    {
        var configuration = WebhookConfiguration()
        configuration.allowsPrivate = allowsPrivate
        configuration.timeout = timeout
        configuration.delays = [.milliseconds(10)]
        return configuration
    }

    private static func change(_ id: String = "e1", revision: Int = 1) -> AlertChange {
        AlertChange(
            change: .raised, alertID: id, revision: revision, host: "alpha", rule: "memory_full",
            metric: "memory_percent", subject: nil, severity: .high, title: "t", message: "m", state: .firing,
            value: 95,
            threshold: 90, raisedAt: Timestamp(microseconds: 1), at: Timestamp(microseconds: 2))
    }

    private static func declare(_ bus: Bus) async throws {
        try await bus.queues.declare(queue, WorkQueueOptions(maximumAttempts: WebhookQueue.maximumAttempts))
    }

    private static func send(_ deliveries: [WebhookDelivery], on bus: Bus) async throws {
        let jobs = deliveries.map { Job(Message(id: MessageID($0.id), body: $0.json)) }
        try await bus.queues.enqueue(jobs, to: queue)
    }

    /// Waits for so many dead letters.
    private static func letters(_ count: Int, on bus: Bus) async throws -> [DeadLetter] {
        try await withDeadline("\(count) dead letters") {
            while true {
                let letters = try await bus.queues.deadLetters(of: queue, after: nil, limit: 100)
                if letters.count >= count { return letters }
                await Task.yield()
            }
        }
    }

    private static func emptied(_ bus: Bus) async throws {
        try await withDeadline("the queue is empty") {
            while true {
                let status = try await bus.queues.status(of: queue)
                if status.ready + status.delayed + status.inFlight == 0 { return }
                await Task.yield()
            }
        }
    }

    @Test func whatIsSentIsSignedAndSentAgainUntilItIsTaken() async throws {
        try await WebhookReceiver.run({ before in
            before == 0
                ? .text("no", status: 500) : HTTPResponse(status: before == 1 ? 204 : 500)
        }) { receiver in
            try await TestIngress.run(webhooks: Self.configuration(), prepare: Self.declare) { ingress in
                let set = try await ingress.client.send(
                    "POST", Self.config, token: ingress.token(),
                    body: #"{"notification_webhooks":["\#(receiver.url)"]}"#)
                #expect(set.status == 200)
                let text = try #require(try set.json()["webhook_secret"]?.string)
                let secret = try #require(WebhookSecret(text))
                let delivery = WebhookDelivery(of: Self.change(), to: receiver.url)
                try await Self.send([delivery], on: ingress.bus)
                let calls = try await receiver.calls(2)
                #expect(calls.map(\.id) == [delivery.id, delivery.id])
                for call in calls {
                    #expect(call.body == delivery.payload)
                    let seconds = try #require(Int64(call.seconds))
                    #expect(call.signature == secret.signature(id: call.id, seconds: seconds, body: call.body))
                    #expect(abs(seconds - SystemTime().now.microseconds / 1_000_000) < 60)
                }
                try await Self.emptied(ingress.bus)
                let metrics = try await ingress.client.get("/metrics").text
                #expect(metrics.contains(#"flotilla_webhook_deliveries_total{outcome="delivered"} 1"#))
                #expect(metrics.contains(#"flotilla_webhook_deliveries_total{outcome="failed"} 1"#))
                #expect(metrics.contains("flotilla_webhook_delivery_seconds_count 2"))
                #expect(!ingress.log.lines.contains { $0.contains(secret.text.dropFirst(6)) }, "it is never logged")
            }
            #expect(receiver.received.count == 2)
        }
    }

    @Test func aReceiverThatIsGoneIsNotAskedAgain() async throws {
        try await WebhookReceiver.run({ _ in HTTPResponse(status: 410) }) { receiver in
            try await TestIngress.run(webhooks: Self.configuration(), prepare: Self.declare) { ingress in
                try await Self.send(
                    [WebhookDelivery(of: Self.change(), to: receiver.url + "?token=hidden")], on: ingress.bus)
                let letters = try await Self.letters(1, on: ingress.bus)
                #expect(letters.map(\.reason) == ["the receiver answered 410"])
                #expect(letters.map(\.attempts) == [1])
                #expect(ingress.log.lines.contains { $0.contains("webhook_failed") && $0.contains("gone") })
                #expect(!ingress.log.lines.contains { $0.contains("hidden") })
            }
            #expect(receiver.received.count == 1)
        }
    }

    @Test func whatNobodyTakesGoesToTheDeadLetters() async throws {
        try await WebhookReceiver.run({ _ in HTTPResponse(status: 502) }) { receiver in
            try await TestIngress.run(webhooks: Self.configuration(), prepare: Self.declare) { ingress in
                try await Self.send([WebhookDelivery(of: Self.change(), to: receiver.url)], on: ingress.bus)
                let letters = try await Self.letters(1, on: ingress.bus)
                #expect(letters.first?.reason.contains("the receiver answered 502") == true)
                #expect(letters.map(\.attempts) == [WebhookQueue.maximumAttempts])
            }
            #expect(receiver.received.count == WebhookQueue.maximumAttempts)
        }
    }

    /// More deliveries than are in hand at a time hang; another receiver does not wait for all of them.
    @Test func aReceiverThatHangsHoldsUpNoOther() async throws {
        let end = Latch()
        try await WebhookReceiver.run({ _ in
            await end.wait()
            return HTTPResponse(status: 200)
        }) { hanging in
            try await WebhookReceiver.run({ _ in HTTPResponse(status: 200) }) { receiver in
                var configuration = Self.configuration(timeout: .milliseconds(500))
                configuration.delays = [.seconds(600)]
                try await TestIngress.run(webhooks: configuration, prepare: Self.declare) { ingress in
                    let stuck = (0..<200).map { WebhookDelivery(of: Self.change("e\($0)"), to: hanging.url) }
                    let wanted = WebhookDelivery(of: Self.change("wanted"), to: receiver.url)
                    try await Self.send(stuck + [wanted], on: ingress.bus)
                    let calls = try await receiver.calls(1)
                    #expect(calls.map(\.id) == [wanted.id])
                    // A few for each hand full.
                    #expect(hanging.received.count <= 20)
                }
                end.open()
            }
        }
    }

    /// An ingress that ends with a delivery in hand: the next one makes it, with the same id.
    @Test func whatIsCutOffIsSentByTheNext() async throws {
        let end = Latch()
        let folder = try TemporaryFolder()
        try await WebhookReceiver.run({ before in
            if before == 0 { await end.wait() }
            return HTTPResponse(status: 200)
        }) { receiver in
            let delivery = WebhookDelivery(of: Self.change(), to: receiver.url)
            try await TestIngress.run(webhooks: Self.configuration(), in: folder, prepare: Self.declare) { ingress in
                try await Self.send([delivery], on: ingress.bus)
                _ = try await receiver.calls(1)
            }
            try await TestIngress.run(webhooks: Self.configuration(), in: folder) { ingress in
                let calls = try await receiver.calls(2)
                #expect(calls.map(\.id) == [delivery.id, delivery.id])
                #expect(calls[0].body == calls[1].body)
                try await Self.emptied(ingress.bus)
            }
            end.open()
            #expect(receiver.received.count == 2)
        }
    }

    /// By the address that is connected to, whatever the name says.
    @Test(arguments: ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1"])
    func privateAddressesAreNotCalled(host: String) async throws {
        try await WebhookReceiver.run({ _ in HTTPResponse(status: 200) }) { receiver in
            try await TestIngress.run(webhooks: Self.configuration(allowsPrivate: false), prepare: Self.declare) {
                ingress in
                let url = receiver.url.replacing("127.0.0.1", with: host)
                try await Self.send([WebhookDelivery(of: Self.change(), to: url)], on: ingress.bus)
                let letters = try await Self.letters(1, on: ingress.bus)
                #expect(letters.first?.reason.contains("private") == true, "\(letters.first?.reason ?? "")")
                #expect(letters.map(\.attempts) == [1])
            }
            #expect(receiver.received.isEmpty)
        }
    }

    @Test func redirectsAreNotFollowed() async throws {
        try await WebhookReceiver.run({ _ in HTTPResponse(status: 200) }) { inner in
            let target = inner.url
            try await WebhookReceiver.run({ _ in HTTPResponse(status: 307, headers: ["Location": target]) }) {
                receiver in
                try await TestIngress.run(webhooks: Self.configuration(), prepare: Self.declare) { ingress in
                    try await Self.send([WebhookDelivery(of: Self.change(), to: receiver.url)], on: ingress.bus)
                    let letters = try await Self.letters(1, on: ingress.bus)
                    #expect(letters.first?.reason.contains("the receiver answered 307") == true)
                }
            }
            #expect(inner.received.isEmpty)
        }
    }

    @Test func whatIsNoDeliveryIsPoison() async throws {
        try await TestIngress.run(webhooks: Self.configuration(), prepare: Self.declare) { ingress in
            for (id, body) in [("a", "{"), ("b", #"{"id":"b"}"#)] {
                try await ingress.bus.queues.enqueue(
                    [Job(Message(id: MessageID(id), body: Array(body.utf8)))], to: Self.queue)
            }
            try await Self.send([WebhookDelivery(of: Self.change(), to: "file:///etc/hostname")], on: ingress.bus)
            let letters = try await Self.letters(3, on: ingress.bus)
            #expect(letters.allSatisfy { $0.reason.hasPrefix("not a delivery to a webhook") })
        }
    }
}
