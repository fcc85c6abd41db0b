import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct AlertRoutesTests {
    private static let path = "/api/v1/hardware/alerts"

    private static func change(
        _ id: String, _ change: AlertChange.Change = .raised, revision: Int = 1, host: String = "alpha",
        severity: AlertChange.Severity = .high, at: Timestamp = SystemTime().now
    ) -> AlertChange {
        AlertChange(
            change: change, alertID: id, revision: revision, host: host, rule: "disk_full", metric: "disk_percent",
            subject: "/var", severity: severity, title: "Full", message: "m",
            state: change == .resolved ? .resolved : .firing,
            value: 96, threshold: 95, raisedAt: at, at: at)
    }

    private static func tell(_ changes: [AlertChange], on bus: Bus) async throws {
        let exchange = ExchangeName(StreamNames.fleetEvents)
        try await bus.ensure([.exchange(exchange, .all)])
        try await bus.events.publish(
            changes.map { change in
                Event(
                    routingKey: RoutingKey(StreamNames.alert(change.change.rawValue, host: change.host)),
                    message: Message(id: MessageID("\(change.alertID).\(change.revision)"), body: change.json))
            }, to: exchange)
    }

    private static func ids(_ ingress: TestIngress, _ query: String) async throws -> [String] {
        let answer = try await ingress.client.get(path + query, token: ingress.token(["hardware:monitor"]))
        #expect(answer.status == 200, "\(query): \(answer.text)")
        return try answer.json().elements.compactMap { $0["id"]?.string }
    }

    @Test func listsWhatFiresAndWhatWasLately() async throws {
        let now = SystemTime().now
        let old = now.advanced(by: .seconds(-30 * 3600))
        try await TestIngress.run(prepare: { bus in
            try await Self.tell(
                [
                    Self.change("old", at: old), Self.change("over", at: old),
                    Self.change("over", .resolved, revision: 2, at: old.advanced(by: .seconds(60))),
                    Self.change("low", severity: .low, at: now.advanced(by: .seconds(-20))),
                    Self.change("beta", host: "beta", at: now.advanced(by: .seconds(-10))),
                ], on: bus)
        }) { ingress in
            #expect(try await Self.ids(ingress, "") == ["beta", "low", "old"])
            #expect(try await Self.ids(ingress, "?since_hours=48") == ["beta", "low", "old", "over"])
            #expect(try await Self.ids(ingress, "?severity=low") == ["low"])
            #expect(try await Self.ids(ingress, "?host=alpha&limit=1") == ["low"])
            #expect(try await Self.ids(ingress, "?acknowledged=true") == [])
            #expect(try await Self.ids(ingress, "?acknowledged=no") == ["beta", "low", "old"])
            for query in ["?severity=bad", "?limit=0", "?limit=1001", "?since_hours=169", "?acknowledged=maybe"] {
                let answer = try await ingress.client.get(Self.path + query, token: ingress.token())
                #expect(answer.status == 422, "\(query)")
            }
        }
    }

    @Test func aLateChangeSaysNothing() async throws {
        try await TestIngress.run(prepare: { bus in
            try await Self.tell(
                [
                    Self.change("a"), Self.change("a", .resolved, revision: 3),
                    Self.change("a", .updated, revision: 2, severity: .critical), Self.change("a"),
                ], on: bus)
        }) { ingress in
            let alert = try await ingress.client.get(Self.path, token: ingress.token()).json().elements.first { _ in
                true
            }
            #expect(alert?["state"]?.string == "resolved")
            #expect(alert?["severity"]?.string == "high")
        }
    }

    @Test func theFirstWhoHasSeenItStays() async throws {
        let folder = try TemporaryFolder()
        try await TestIngress.run(in: folder, prepare: { try await Self.tell([Self.change("a")], on: $0) }) { ingress in
            func acknowledge(_ query: String, id: String) async throws -> TestClient.Answer {
                try await ingress.client.send(
                    "POST", Self.path + "/a/acknowledge" + query, token: ingress.token(["hardware:monitor"], id: id))
            }
            let first = try await acknowledge("?note=seen%20it", id: "7")
            #expect(first.status == 200)
            let body = try first.json()
            #expect(body["acknowledgment_confirmed"]?.bool == true)
            #expect(body["acknowledged"]?.bool == true)
            #expect(body["acknowledged_by"]?.string == "user7")
            #expect(body["note"]?.string == "seen it")
            #expect(try await acknowledge("", id: "8").json()["acknowledged_by"]?.string == "user7")
            #expect(try await Self.ids(ingress, "?acknowledged=true") == ["a"])
            let long = String(repeating: "x", count: AlertAcknowledgement.maximumNote + 1)
            #expect(try await acknowledge("?note=" + long, id: "7").status == 422)
            let unknown = try await ingress.client.send(
                "POST", Self.path + "/nothing/acknowledge", token: ingress.token())
            #expect(unknown.status == 404)
            try await ingress.eventually("it is in the audit") {
                let records = try await ingress.client.get(
                    "/api/v1/audit?event=alert_acknowledged", token: ingress.token()
                ).json()
                return records["records"]?.count == 1
            }
            // What comes of the alert later does not take it back.
            try await Self.tell([Self.change("a", .updated, revision: 2, severity: .critical)], on: ingress.bus)
            try await ingress.eventually("the change is seen") {
                try await Self.ids(ingress, "?severity=critical&acknowledged=true") == ["a"]
            }
        }
        // Another copy, with other views.
        try await TestIngress.run(in: folder) { ingress in
            let acknowledged = try await Self.ids(ingress, "?acknowledged=true")
            #expect(acknowledged == ["a"])
        }
    }

    @Test func needsThePermission() async throws {
        try await TestIngress.run { ingress in
            let token = try ingress.token(["system:read"])
            #expect(try await ingress.client.get(Self.path, token: token).status == 403)
            let answer = try await ingress.client.send("POST", Self.path + "/a/acknowledge", token: token)
            #expect(answer.status == 403)
        }
    }
}
