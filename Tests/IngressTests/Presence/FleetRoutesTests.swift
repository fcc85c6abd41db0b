import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct FleetRoutesTests {
    private static func list(_ ingress: TestIngress, _ query: String = "") async throws -> JSONValue {
        let answer = try await ingress.client.get("/api/v1/hosts" + query, token: ingress.token(["hardware:monitor"]))
        #expect(answer.status == 200, "\(query): \(answer.text)")
        return try answer.json()
    }

    private static func names(_ body: JSONValue) -> [String] {
        body["hosts"].map { $0.elements.compactMap { $0["host"]?.string } } ?? []
    }

    /// Three hosts: one reports, one stopped a while ago, one is said to be down and has a firing alert.
    private static func prepare(_ bus: Bus) async throws {
        let now = SystemTime().now
        try await bus.report(.example(host: "web-2", cpu: 10), .example(host: "web-10", cpu: 90), .example(host: "db"))
        let exchange = ExchangeName(StreamNames.fleetEvents)
        try await bus.ensure([.exchange(exchange, .all)])
        let down = HostChange(.down, host: "db", heardAt: now, interval: 1, silentSeconds: 60, at: now)
        let alert = AlertChange(
            change: .raised, alertID: "a", revision: 1, host: "db", rule: "disk_full", metric: "disk_percent",
            subject: "/var", severity: .high, title: "t", message: "m", state: .firing, value: 96, threshold: 95,
            raisedAt: now, at: now)
        try await bus.events.publish(
            [
                Event(
                    routingKey: RoutingKey(StreamNames.host("down", host: "db")),
                    message: Message(id: MessageID("h"), body: down.json)),
                Event(
                    routingKey: RoutingKey(StreamNames.alert("raised", host: "db")),
                    message: Message(id: MessageID("a.1"), body: alert.json)),
            ], to: exchange)
    }

    @Test func listsSortsAndFilters() async throws {
        try await TestIngress.run(prepare: Self.prepare) { ingress in
            let all = try await Self.list(ingress)
            #expect(Self.names(all) == ["db", "web-10", "web-2"])
            #expect(all["total"]?.int == 3)
            let counts = ["up", "stale", "down"].compactMap { all["counts"]?[$0]?.int }
            #expect(counts.count == 3 && counts.reduce(0, +) == 3)
            #expect(Self.names(try await Self.list(ingress, "?sort_by=cpu")) == ["web-10", "db", "web-2"])
            #expect(Self.names(try await Self.list(ingress, "?sort_by=alerts&limit=1")) == ["db"])
            #expect(Self.names(try await Self.list(ingress, "?filter_pattern=%5Eweb&skip=1")) == ["web-2"])
            let first = all["hosts"]?.elements.first { _ in true }
            #expect(first?["firing_alerts"]?.int == 1)
            #expect(first?["memory_percent"]?.double == 75)
            #expect(first?["gpu_percent"]?.isNull == true)
            for query in ["?sort_by=colour", "?state=gone", "?limit=0", "?limit=10001", "?filter_pattern=%28"] {
                let answer = try await ingress.client.get("/api/v1/hosts" + query, token: ingress.token())
                #expect(answer.status == 422, "\(query)")
            }
            #expect(try await ingress.client.get("/api/v1/hosts", token: ingress.token(["models:read"])).status == 403)
        }
    }

    @Test func whatASilentHostRaisedIsUnknown() async throws {
        try await TestIngress.run(prepare: Self.prepare) { ingress in
            // It was heard of when this ingress began, and is silent since.
            try await ingress.eventually("it is down") {
                Self.names(try await Self.list(ingress, "?state=down")) == ["db"]
            }
            let alerts = try await ingress.client.get("/api/v1/hardware/alerts", token: ingress.token()).json()
            let states = alerts.elements.map { ($0["rule"]?.string, $0["state"]?.string) }
            #expect(states.contains { $0 == ("disk_full", "no_data") })
        }
    }
}
