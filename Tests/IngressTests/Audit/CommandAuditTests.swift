import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

/// Device commands in the audit.
@Suite struct CommandAuditTests {
    private static let batchPath = "/api/v1/commands/batch"
    private static let path = "/api/v1/audit?event=commands_sent"
    private static let atOnce = ["Prefer": "respond-async"]

    /// The targets of what the audit has once it has so many commands in all, the oldest first.
    private func targets(_ ingress: TestIngress, commands: Int) async throws -> [String] {
        let token = try ingress.token()
        let found = Mutexed<[String: [String]]>([:])
        try await ingress.eventually("the audit has \(commands) commands") {
            let records = try await ingress.client.get(Self.path, token: token).json().requiredArray("records")
            let targets = records.elements.compactMap { $0["target"]?.string }
            found.set("", targets.reversed())
            // A single one is an id.
            return targets.reduce(0) { $0 + (Int($1.prefix { $0 != " " }) ?? 1) } >= commands
        }
        return found.value[""] ?? []
    }

    @Test func aCommandIsNamedWithItsSender() async throws {
        try await TestIngress.run { ingress in
            let answer = try await ingress.post(
                TestIngress.command, headers: Self.atOnce.merging(["X-Request-ID": "mine"]) { $1 })
            #expect(answer.status == 202)
            let id = try #require(try answer.json()["request_id"]?.string)
            #expect(try await targets(ingress, commands: 1) == [id])
            let records = try await ingress.client.get(Self.path, token: ingress.token()).json()
            let record = try #require(try records.requiredArray("records").elements.first { _ in true })
            #expect(record["who"]?.string == "7" && record["name"]?.string == "user7")
            #expect(record["result"]?.int == 200 && record["request_id"]?.string == "mine")
            #expect(record["peer"]?.string == "127.0.0.1")
            #expect(ingress.log.lines.contains { $0.contains("commands_sent") && $0.contains(id) })
        }
    }

    @Test func aBatchIsOneRecord() async throws {
        try await TestIngress.run { ingress in
            let commands = Array(repeating: TestIngress.command, count: 25).joined(separator: ",")
            let answer = try await ingress.post("{\"commands\":[\(commands)]}", to: Self.batchPath)
            #expect(answer.status == 200)
            let ids = try answer.json().requiredArray("results").elements.compactMap { $0["request_id"]?.string }
            let (first, last) = (try #require(ids.first), try #require(ids.last))
            #expect(try await targets(ingress, commands: 25) == ["25 in 1 request, \(first) to \(last)"])
        }
    }

    @Test func whatIsRefusedOrRepeatedIsNotSent() async throws {
        try await TestIngress.run { ingress in
            let key = Self.atOnce.merging(["Idempotency-Key": "k"]) { $1 }
            let sent = try await ingress.post(TestIngress.command, headers: key)
            let replayed = try await ingress.post(TestIngress.command, headers: key)
            #expect(replayed.headers["idempotency-replayed"] == "true")
            let other = TestIngress.command.replacing("config", with: "reboot")
            let conflict = try await ingress.post(other, headers: key)
            #expect(conflict.status == 409)
            let invalid = try await ingress.post("{}", headers: Self.atOnce)
            #expect(invalid.status == 422)
            let reader = try ingress.token(["commands:read"])
            let forbidden = try await ingress.post(TestIngress.command, token: reader)
            #expect(forbidden.status == 403)
            // What is last proves that nothing else came before it.
            let end = try await ingress.post(TestIngress.command, headers: Self.atOnce)
            let ids = try [sent, end].map { try $0.json()["request_id"]?.string ?? "" }
            let found = try await targets(ingress, commands: 2)
            #expect(found == ids || found == ["2 in 2 requests, \(ids[0]) to \(ids[1])"], "\(found)")
            try await ingress.eventually("the refusal is there") {
                try await ingress.client.get("/api/v1/audit?event=refused", token: ingress.token()).json()["records"]?
                    .count == 1
            }
        }
    }

    @Test func aStopWritesWhatWasCounted() async throws {
        let folder = try TemporaryFolder()
        var id = ""
        try await TestIngress.run(in: folder) { ingress in
            let answer = try await ingress.post(TestIngress.command, headers: Self.atOnce)
            id = try answer.json()["request_id"]?.string ?? ""
        }
        let sent = id
        try await TestIngress.run(in: folder) { ingress in
            let found = try await targets(ingress, commands: 1)
            #expect(found == [sent])
        }
    }
}
