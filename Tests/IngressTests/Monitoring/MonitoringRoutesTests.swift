import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct MonitoringRoutesTests {
    private static let path = "/api/v1/hardware/monitoring/config"

    private static func change(
        _ ingress: TestIngress, _ body: String, tag: String? = nil, permissions: [String]? = nil
    ) async throws -> TestClient.Answer {
        try await ingress.client.send(
            "POST", path, token: ingress.token(permissions), headers: tag.map { ["If-Match": $0] } ?? [:], body: body)
    }

    @Test func showsWhatIsInEffectUntilItIsSet() async throws {
        try await TestIngress.run { ingress in
            let answer = try await ingress.client.get(Self.path, token: ingress.token(["hardware:monitor"]))
            let config = try answer.json()
            #expect(config["source"]?.string == "default")
            #expect(config["interval_seconds"]?.double == 1, "the ingress's own METRICS_INTERVAL_SECONDS")
            #expect(config["enabled_metrics"]?.count == MetricClass.allCases.count)
            #expect(config["alert_thresholds"]?["cpu_percent"]?.double == 90)
            #expect(config["alert_rules"]?.count == AlertRule.standard.count)
            #expect(config["notification_webhooks"]?.count == 0)
            #expect(config["accessed_by"]?.string == "user7")
            #expect(config["updated_at"]?.isNull == true)
            #expect(config["webhook_secret"] == nil)
            #expect(answer.headers["etag"] == nil)
        }
    }

    @Test func replacesTheWholeSetting() async throws {
        try await TestIngress.run { ingress in
            let answer = try await Self.change(
                ingress,
                #"{"interval_seconds":"60","alert_thresholds":{"cpu_percent":80},"enabled_metrics":["cpu","disk"],"#
                    + #""retention_hours":48,"notification_webhooks":["https://h.example/a?b","https://h.example/a?b"],"#
                    + #""intervals":{"disk":600}}"#)
            #expect(answer.status == 200)
            let changed = try answer.json()
            #expect(changed["cache_cleared"]?.bool == true)
            #expect(changed["updated_by"]?.string == "user7")
            #expect(changed["source"]?.string == "fleet")
            #expect(changed["interval_seconds"]?.double == 60)
            #expect(changed["retention_hours"]?.int == 48)
            #expect(changed["alert_thresholds"]?["cpu_percent"]?.double == 80)
            #expect(
                changed["enabled_metrics"]?.elements.map { $0.string ?? "" } == ["cpu", "disk", "file_systems"])
            #expect(changed["intervals"]?["disk"]?.double == 600)
            #expect(changed["intervals"]?["cpu"]?.double == 60)
            #expect(changed["notification_webhooks"]?.elements.map { $0.string ?? "" } == ["https://h.example/a?b"])
            let secret = try #require(changed["webhook_secret"]?.string)
            #expect(WebhookSecret(secret) != nil)

            let read = try await ingress.client.get(Self.path, token: ingress.token())
            #expect(read.headers["etag"] == answer.headers["etag"])
            #expect(try read.json()["webhook_secret"]?.string == secret)
            #expect(try read.json()["updated_at"]?.string == changed["updated_at"]?.string)
            let reader = try await ingress.client.get(Self.path, token: ingress.token(["hardware:monitor"])).json()
            #expect(reader["notification_webhooks"]?.elements.map { $0.string ?? "" } == ["https://h.example"])
            #expect(reader["webhook_secret"] == nil)

            let again = try await Self.change(ingress, "{}").json()
            #expect(again["interval_seconds"]?.double == 30, "what is left out is reset")
            #expect(again["retention_hours"]?.int == 24)
            #expect(again["notification_webhooks"]?.count == 0)
            #expect(again["webhook_secret"]?.string == secret, "it is made once")
        }
    }

    @Test func rulesReplaceTheStandardOnes() async throws {
        try await TestIngress.run { ingress in
            let rule = #"{"name":"hot","metric":"temperature_celsius","levels":[{"severity":"high","enter":85}]}"#
            let changed = try await Self.change(ingress, #"{"alert_rules":[\#(rule)]}"#).json()
            #expect(changed["alert_rules"]?.elements.map { $0["name"]?.string ?? "" } == ["hot"])
            #expect(changed["alert_thresholds"]?.members.map(\.name.string) == ["temperature_celsius"])
            let standard = try await Self.change(ingress, #"{"alert_rules":null}"#).json()
            #expect(standard["alert_rules"]?.count == AlertRule.standard.count)
        }
    }

    @Test func whatIsNotValidChangesNothing() async throws {
        try await TestIngress.run { ingress in
            let rule = #"{"name":"a","metric":"cpu_percent","levels":[{"severity":"low","enter":50}]}"#
            for (body, place) in [
                (#"{"interval_seconds":4}"#, "body.interval_seconds"),
                (#"{"interval_seconds":3601}"#, "body.interval_seconds"),
                (#"{"interval_seconds":null}"#, "body.interval_seconds"),
                (#"{"retention_hours":0}"#, "body.retention_hours"),
                (#"{"retention_hours":169}"#, "body.retention_hours"),
                (#"{"alert_thresholds":[]}"#, "body.alert_thresholds"),
                (#"{"alert_thresholds":{"x":1}}"#, "body.alert_thresholds.x"),
                (#"{"alert_thresholds":{"cpu_percent":"x"}}"#, "body.alert_thresholds.cpu_percent"),
                (#"{"alert_thresholds":{"cpu_percent":101}}"#, "body.alert_thresholds.cpu_percent"),
                (#"{"enabled_metrics":{}}"#, "body.enabled_metrics"),
                (#"{"enabled_metrics":[1]}"#, "body.enabled_metrics.0"),
                (#"{"enabled_metrics":["cpu","x"]}"#, "body.enabled_metrics.1"),
                (#"{"notification_webhooks":"x"}"#, "body.notification_webhooks"),
                (#"{"intervals":{"cpu":0.5}}"#, "body.intervals.cpu"),
                (#"{"intervals":{"x":5}}"#, "body.intervals.x"),
                (#"{"alert_rules":[{}]}"#, "body.alert_rules.0"),
                (#"{"alert_rules":[\#(rule),\#(rule)]}"#, "body.alert_rules.1"),
            ] {
                let answer = try await Self.change(ingress, body)
                #expect(answer.status == 422, "\(body)")
                let location = try answer.json()["detail"]?.elements.first { _ in true }?["loc"]?.elements
                    .map { $0.string ?? $0.int.map(String.init) ?? "" }.joined(separator: ".")
                #expect(location == place, "\(body)")
            }
            for body in ["", "[]", "{"] { #expect(try await Self.change(ingress, body).status == 422) }
            let names = try await Self.change(ingress, #"{"alert_thresholds":{"x":1}}"#).text
            #expect(names.contains("cpu_percent, memory_percent"), "the names that there are")
            for url in [
                "ftp://a/b", "hooks.example.com", "http://10.0.0.1/x", "http://[::1]/", "http://169.254.169.254/",
            ] {
                let answer = try await Self.change(ingress, #"{"notification_webhooks":["\#(url)"]}"#)
                #expect(answer.status == 400, "\(url)")
            }
            let wrong = try await Self.change(ingress, #"{"notification_webhooks":["ftp://a/b"]}"#).json()
            #expect(wrong["message"]?.string == "Invalid webhook URL format: ftp://a/b")
            let read = try await ingress.client.get(Self.path, token: ingress.token()).json()
            #expect(read["source"]?.string == "default")
        }
    }

    @Test func aChangeHoldsOnlyForTheVersionThatItIsBasedOn() async throws {
        try await TestIngress.run { ingress in
            let first = try #require(try await Self.change(ingress, "{}").headers["etag"])
            #expect(try await Self.change(ingress, "{}", tag: first).status == 200)
            let late = try await Self.change(ingress, "{}", tag: first)
            #expect(late.status == 409)
            #expect(try late.json()["details"]?["current_version"]?.int == 2)
        }
    }

    /// Of a later version, say: what holds without a setting is shown, and it can be replaced.
    @Test func aSettingThatCannotBeReadIsNoReasonToFail() async throws {
        try await TestIngress.run { ingress in
            #expect(try await Self.change(ingress, #"{"interval_seconds":77}"#).status == 200)
            let change = ConfigurationChange(
                id: "x", setting: MonitoringSettings.setting, basedOn: 1,
                value: Array(#"{"interval_seconds":"x"}"#.utf8),
                changedAt: Timestamp(microseconds: 1), changedBy: "7")
            _ = try await ingress.bus.log.append(
                [LogRecord(key: change.key, value: change.json)], to: Topic(StreamNames.fleetConfiguration))
            try await ingress.eventually("the change is there") {
                let read = try await ingress.client.get(Self.path, token: ingress.token())
                return try read.headers["etag"] == "\"2\"" && read.json()["source"]?.string == "default"
            }
            #expect(ingress.log.lines.contains { $0.contains("setting_not_readable") })
            #expect(try await Self.change(ingress, #"{"interval_seconds":78}"#, tag: "\"2\"").status == 200)
            let read = try await ingress.client.get(Self.path, token: ingress.token()).json()
            #expect(read["interval_seconds"]?.double == 78)
        }
    }

    @Test func onlyThoseWhoMay() async throws {
        try await TestIngress.run { ingress in
            let refused = try await Self.change(ingress, "{}", permissions: ["hardware:monitor"])
            #expect(refused.status == 403)
            #expect(try await Self.change(ingress, "{}", permissions: ["hardware:configure"]).status == 200)
            #expect(try await ingress.client.get(Self.path, token: ingress.token(["system:read"])).status == 403)
            #expect(try await ingress.client.get(Self.path).status == 401)
        }
    }

    @Test func survivesARestart() async throws {
        let folder = try TemporaryFolder()
        try await TestIngress.run(in: folder) { ingress in
            let changed = try await Self.change(ingress, #"{"interval_seconds":77}"#)
            #expect(changed.status == 200)
        }
        try await TestIngress.run(in: folder) { ingress in
            let read = try await ingress.client.get(Self.path, token: ingress.token()).json()
            #expect(read["interval_seconds"]?.double == 77)
        }
    }
}
