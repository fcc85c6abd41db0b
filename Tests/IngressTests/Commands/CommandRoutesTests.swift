import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct CommandRoutesTests {
    @Test func aCommandIsAnsweredWhenItIsPublished() async throws {
        try await TestIngress.run { ingress in
            try await ingress.pushing {
                let answer = try await ingress.post(TestIngress.command)
                #expect(answer.status == 200)
                let body = try answer.json()
                #expect(body["success"]?.bool == true)
                #expect(body["status"]?.string == "published")
                #expect(body["message"]?.string?.isEmpty == false)
                #expect(body["timestamp"]?.timestamp != nil)
                let id = try #require(body["request_id"]?.string)
                #expect(try await ingress.publishedIDs() == [id])

                let status = try await ingress.commandStatus(id)
                #expect(status.status == 200)
                let known = try status.json()
                #expect(
                    known.members.map(\.name.string) == [
                        "request_id", "device_id", "command_type", "status", "timestamp", "history", "kafka",
                        "expires_at", "error",
                    ])
                #expect(known["status"]?.string == "published")
                let states = known["history"]?.elements.map { $0["status"]?.string }
                #expect(states == ["accepted", "published"])
                #expect(known["kafka"]?["topic"]?.string == "device_commands")
                #expect(known["kafka"]?["offset"]?.int == 0)
                #expect(known["error"]?.isNull == true)
            }
        }
    }

    @Test func withoutAPusherItIsAcceptedAndPublishedLater() async throws {
        try await TestIngress.run { ingress in
            let answer = try await ingress.post(TestIngress.command, headers: ["Prefer": "respond-async, wait=10"])
            #expect(answer.status == 202)
            #expect(answer.headers["preference-applied"] == "respond-async")
            let id = try #require(try answer.json()["request_id"]?.string)
            #expect(answer.headers["location"] == "/api/v1/commands/\(id)/status")
            #expect(try answer.json()["status"]?.string == "accepted")
            let status = try await ingress.commandStatus(id).json()
            #expect(status["status"]?.string == "accepted")
            #expect(status["kafka"]?.isNull == true)
            let step = status["history"]?.elements.first { _ in true }
            #expect(step?["evidence"]?["queue"]?.string == "command.requests")
            let waited = Task { try await ingress.commandStatus(id, wait: 15) }
            try await ingress.pushing {
                let news = try await waited.value.json()
                #expect(news["status"]?.string == "published")
            }
            #expect(try await ingress.publishedIDs() == [id])
        }
    }

    @Test func theWaitForKafkaIsBounded() async throws {
        try await TestIngress.run { ingress in
            let answer = try await ingress.post(TestIngress.command)
            #expect(answer.status == 202)
            #expect(try answer.json()["success"]?.bool == true)
        }
    }

    @Test func errorsComeInTheOrderOfTheContract() async throws {
        try await TestIngress.run { ingress in
            let client = ingress.client
            let path = "/api/v1/commands"
            let malformed = try await client.send("POST", path, body: "{\"a\"")
            #expect(malformed.status == 422)
            let fault = try malformed.json()["detail"]?.elements.first { _ in true }
            #expect(fault?["type"]?.string == "json_invalid")
            let deep = String(repeating: "[", count: 119) + String(repeating: "]", count: 119)
            let nested = #"{"device_id":"d","command_type":"c","protocol":"mqtt","payload":{"a":\#(deep)}}"#
            #expect(try await ingress.post(nested).status == 422)
            #expect(try await client.send("POST", path, body: "{}").status == 401)
            #expect(try await ingress.post("{}", token: try ingress.token(["commands:read"])).status == 403)
            let invalid = try await ingress.post(#"{"device_id":"","protocol":"mqtt","payload":{}}"#)
            #expect(invalid.status == 422)
            #expect(try invalid.json()["detail"]?.count == 2)
            #expect(try await ingress.post(#"{"a":"\#(String(repeating: "x", count: 1 << 20))"}"#).status == 413)
            #expect(try await ingress.commandStatus("unknown").status == 404)
            #expect(try await ingress.commandStatus("unknown", wait: 61).status == 422)
            #expect(try await client.get("\(path)/x/status").status == 401)
            #expect(try await ingress.queuedJobs() == 0)
        }
    }

    @Test func aKeyIsOneCommand() async throws {
        try await TestIngress.run { ingress in
            try await ingress.pushing {
                let key = ["Idempotency-Key": "order-1"]
                let first = try await ingress.post(TestIngress.command, headers: key)
                let second = try await ingress.post("  " + TestIngress.command, headers: key)
                #expect(first.status == 200 && second.status == 200)
                #expect(first.text == second.text)
                #expect(second.headers["idempotency-replayed"] == "true")
                let other = TestIngress.command.replacing("\"a\":1", with: "\"a\":2")
                let conflict = try await ingress.post(other, headers: key)
                #expect(conflict.status == 409)
                let stranger = try await ingress.post(
                    other, headers: key, token: try ingress.token(["commands:send"], id: "8"))
                #expect(stranger.status == 200)
                #expect(try await ingress.publishedIDs().count == 2)
                let both = TestIngress.command.replacing("{\"device", with: "{\"request_id\":\"x\",\"device")
                #expect(try await ingress.post(both, headers: key).status == 422)
                let long = String(repeating: "k", count: 256)
                #expect(try await ingress.post(other, headers: ["Idempotency-Key": long]).status == 422)
            }
        }
    }

    @Test func aClientsRequestIDIsKeptAndIsItsKey() async throws {
        try await TestIngress.run { ingress in
            try await ingress.pushing {
                let own = TestIngress.command.replacing("{\"device", with: "{\"request_id\":\"my id/1\",\"device")
                let first = try await ingress.post(own)
                #expect(try first.json()["request_id"]?.string == "my id/1")
                #expect(try await ingress.post(own).text == first.text)
                #expect(try await ingress.post(own.replacing("\"a\":1", with: "\"a\":2")).status == 409)
                #expect(try await ingress.publishedIDs() == ["my id/1"])
                #expect(try await ingress.commandStatus("my%20id%2F1").status == 200)
            }
        }
    }

    @Test func concurrentRequestsWithOneKeyAreOneCommand() async throws {
        try await TestIngress.run { ingress in
            try await ingress.pushing {
                let texts = try await withThrowingTaskGroup(of: String.self) { group in
                    for _ in 0..<16 {
                        group.addTask {
                            try await ingress.post(TestIngress.command, headers: ["Idempotency-Key": "k"]).text
                        }
                    }
                    return try await group.reduce(into: Set()) { $0.insert($1) }
                }
                #expect(texts.count == 1)
                #expect(try await ingress.publishedIDs().count == 1)
            }
        }
    }

    @Test func anExpiredCommandIsNotPublished() async throws {
        try await TestIngress.run { ingress in
            let expiry = SystemTime().now.advanced(by: .milliseconds(300)).rfc3339
            let body = TestIngress.command.replacing("{\"device", with: "{\"expires_at\":\"\(expiry)\",\"device")
            let answer = try await ingress.post(body, headers: ["Prefer": "respond-async"])
            #expect(answer.status == 202)
            let id = try #require(try answer.json()["request_id"]?.string)
            try await ingress.eventually("the expiry") { SystemTime().now.rfc3339 > expiry }
            try await ingress.pushing {
                try await ingress.eventually("the status") {
                    try await ingress.commandStatus(id).json()["status"]?.string == "expired"
                }
            }
            #expect(try await ingress.commandStatus(id).json()["error"]?.string?.isEmpty == false)
            #expect(try await ingress.publishedIDs() == [])
            #expect(try await ingress.post(body).status == 422)
        }
    }

    @Test func feedbackIsTheDevicesWord() async throws {
        try await TestIngress.run { ingress in
            try await ingress.pushing {
                var ids: [String] = []
                for _ in 0..<2 {
                    let answer = try await ingress.post(TestIngress.command)
                    ids.append(try #require(try answer.json()["request_id"]?.string))
                }
                for (id, word) in zip(ids, ["success", "error"]) {
                    let record =
                        #"{"command_type":"feedback","device_id":"x","request_id":"\#(id)","payload":{"status":"\#(word)"},"protocol":"mqtt"}"#
                    _ = try await ingress.bus.log.append(
                        [LogRecord(key: "x", value: Array(record.utf8))], to: Topic(StreamNames.deviceCommands))
                }
                for (id, state) in zip(ids, ["acknowledged", "rejected"]) {
                    try await ingress.eventually("the device's word") {
                        try await ingress.commandStatus(id).json()["status"]?.string == state
                    }
                }
                let rejected = try await ingress.commandStatus(ids[1]).json()
                let states = rejected["history"]?.elements.map { $0["status"]?.string }
                #expect(states == ["accepted", "published", "rejected"])
                #expect(rejected["error"]?.string == "the device answered: error")
                #expect(rejected["kafka"]?["offset"]?.int != nil)
            }
        }
    }

    @Test func statusesSurviveTheLossOfTheView() async throws {
        let folder = try TemporaryFolder()
        let before = Mutexed<[String: String]>([:])
        try await TestIngress.run(in: folder) { ingress in
            try await ingress.pushing {
                for _ in 0..<3 {
                    let id = try await ingress.post(TestIngress.command).json()["request_id"]?.string ?? ""
                    before.set(id, try await ingress.commandStatus(id).text)
                }
            }
            let waiting = try await ingress.post(TestIngress.command, headers: ["Prefer": "respond-async"])
            let id = try waiting.json()["request_id"]?.string ?? ""
            before.set(id, try await ingress.commandStatus(id).text)
        }
        for suffix in ["", "-wal", "-shm"] { unlinkFile(folder.path + "/views.db" + suffix) }
        try await TestIngress.run(in: folder) { ingress in
            #expect(before.value.count == 4)
            for (id, text) in before.value {
                let now = try await ingress.commandStatus(id).text
                #expect(now == text)
            }
        }
    }

    @Test func theServiceTellsHowItStands() async throws {
        try await TestIngress.run { ingress in
            let token = try ingress.token(["commands:read"])
            let health = try await ingress.client.get("/api/v1/health")
            #expect(health.status == 200)
            #expect(try health.json().members.map(\.name.string) == ["status", "timestamp"])
            #expect(
                try await ingress.client.get("/api/v1/health", token: token).json()["kafka_connected"]?.bool == true)
            _ = try await ingress.post(TestIngress.command, headers: ["Prefer": "respond-async"])
            let status = try await ingress.client.get("/api/v1/status", token: token).json()
            #expect(status["kafka_connected"]?.bool == true)
            #expect(status["uptime"]?.string?.isEmpty == false)
            #expect(status["metrics"]?["commands_sent_total"]?.int == 1)
            #expect(status["metrics"]?["last_error"]?.isNull == true)
            #expect(
                try await ingress.client.get("/api/v1/metrics", token: token).json()["commands_failed_total"]?.int == 0)
            #expect(try await ingress.client.get("/api/v1/status").status == 401)
        }
        #expect(CommandServiceStatus.words(for: 9000) == "2 hours, 30 minutes")
        #expect(CommandServiceStatus.words(for: 1) == "1 second")
        #expect(CommandServiceStatus.words(for: 90_061) == "1 day, 1 hour, 1 minute")
    }
}
