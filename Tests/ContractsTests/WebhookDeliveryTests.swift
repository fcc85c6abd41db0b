import Contracts
import Runtime
import Testing

@Suite struct WebhookDeliveryTests {
    private static let change = AlertChange(
        change: .raised, alertID: "e1", revision: 3, host: "alpha", rule: "memory_full", metric: "memory_percent",
        subject: nil, severity: .high, title: "t", message: "m", state: .firing, value: 95, threshold: 90,
        raisedAt: Timestamp(microseconds: 1), at: Timestamp(microseconds: 2))

    @Test func theIdIsOfTheAlertTheRevisionAndTheURL() throws {
        let urls = ["https://a.example/x", "https://b.example/x"]
        let made = WebhookDelivery.deliveries(of: Self.change, to: urls)
        #expect(made.map(\.url) == urls)
        #expect(Set(made.map(\.id)).count == 2)
        #expect(made.allSatisfy { $0.id.hasPrefix("e1.3.") && $0.id.utf8.count == 5 + 16 })
        #expect(made == WebhookDelivery.deliveries(of: Self.change, to: urls), "twice is the same")
        // FNV-1a of "a" and of nothing, from its authors' page.
        #expect(WebhookDelivery(of: Self.change, to: "a").id == "e1.3.af63dc4c8601ec8c")
        #expect(WebhookDelivery(of: Self.change, to: "").id == "e1.3.cbf29ce484222325")
        #expect(try WebhookDelivery(json: made[0].json) == made[0])
    }

    @Test func theReceiverGetsTheAlert() throws {
        let payload = WebhookDelivery(of: Self.change, to: "https://a.example/?token=x").payload
        let root = try JSONDocument(parsing: payload).root
        #expect(root["type"]?.string == "alert.raised")
        #expect(root["timestamp"]?.string == root["data"]?["at"]?.string)
        let data = try #require(root["data"])
        #expect(try AlertChange(data) == Self.change)
        #expect(!String(decoding: payload, as: UTF8.self).contains("token"))
    }
}
