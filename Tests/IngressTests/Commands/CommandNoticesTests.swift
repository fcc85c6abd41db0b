import BusClients
import BusTestKit
import Contracts
import Runtime
import SQLiteKit
import Testing

@testable import Ingress

/// What devices say on the command topic, and what the fleet is told of it.
@Suite struct CommandNoticesTests {
    private static let exchange = ExchangeName(StreamNames.fleetEvents)

    private func say(_ word: String, of id: String, _ ingress: TestIngress) async throws {
        let record =
            #"{"command_type":"feedback","device_id":"x","request_id":"\#(id)","payload":{"status":"\#(word)"},"protocol":"mqtt"}"#
        _ = try await ingress.bus.log.append(
            [LogRecord(key: "x", value: Array(record.utf8))], to: Topic(StreamNames.deviceCommands))
    }

    private func publish(_ ingress: TestIngress) async throws -> String {
        let answer = try await ingress.post(TestIngress.command)
        return try #require(try answer.json()["request_id"]?.string)
    }

    /// The notices that were ever published.
    private func notices(_ bus: Bus) async throws -> [CommandFailureNotice] {
        let range = try await bus.events.history(of: Self.exchange)
        guard !range.isEmpty else { return [] }
        return try await withDeadline("the notices") {
            for try await events in try await bus.events.subscribe(to: Self.exchange, matching: [.all], from: .first) {
                return try events.filter { $0.routingKey.rawValue.hasPrefix("command.failed.") }
                    .map { try CommandFailureNotice(json: $0.message.body) }
            }
            return []
        }
    }

    @Test func theFleetIsToldOnceOfARefusal() async throws {
        let folder = try TemporaryFolder()
        var rejected = ""
        try await TestIngress.run(in: folder) { ingress in
            try await ingress.pushing {
                let (good, bad) = (try await publish(ingress), try await publish(ingress))
                rejected = bad
                try await say("success", of: good, ingress)
                for _ in 0..<3 { try await say("error", of: bad, ingress) }
                // Nobody knows this one.
                try await say("error", of: "unknown", ingress)
                try await ingress.eventually("the notice") { try await !notices(ingress.bus).isEmpty }
                let told = try await notices(ingress.bus)
                #expect(told.map(\.requestID) == [bad])
                #expect(told.map(\.deviceID) == ["d1"])
                #expect(told.map(\.state) == [.rejected])
                #expect(told.map(\.reason) == ["the device answered: error"])
                #expect(try await ingress.commandStatus("unknown").status == 404)
            }
        }
        // A view that is built anew reads every word again, and what was told of them.
        for suffix in ["", "-wal", "-shm"] { unlinkFile(folder.path + "/views.db" + suffix) }
        try await TestIngress.run(in: folder) { ingress in
            try await ingress.pushing {
                let another = try await publish(ingress)
                try await say("error", of: another, ingress)
                try await ingress.eventually("the notice") { try await notices(ingress.bus).count >= 2 }
                #expect(try await notices(ingress.bus).map(\.requestID) == [rejected, another])
            }
        }
    }

    @Test func aWordBeforeTheCommandIsKnownCountsWhenItIs() async throws {
        try await TestIngress.run { ingress in
            let answer = try await ingress.post(TestIngress.command, headers: ["Prefer": "respond-async"])
            let id = try #require(try answer.json()["request_id"]?.string)
            try await say("error", of: id, ingress)
            try await ingress.eventually("the device's word") {
                try await ingress.commandStatus(id).json()["status"]?.string == "rejected"
            }
            try await ingress.pushing {
                try await ingress.eventually("the record") {
                    try await ingress.commandStatus(id).json()["kafka"]?["offset"]?.int != nil
                }
            }
            let status = try await ingress.commandStatus(id).json()
            #expect(status["status"]?.string == "rejected")
            #expect(
                status["history"]?.elements.map { $0["status"]?.string } == ["accepted", "published", "rejected"])
            try await ingress.eventually("the notice") {
                try await notices(ingress.bus).map(\.requestID) == [id]
            }
            let listed = try await ingress.client.get(
                "/api/v1/commands?status=rejected", token: try ingress.token(["commands:read"])
            ).json()
            #expect(listed["commands"]?.count == 1)
        }
    }

    @Test func theFirstWordStays() async throws {
        try await TestIngress.run { ingress in
            try await ingress.pushing {
                let id = try await publish(ingress)
                for word in ["success", "error", "success"] { try await say(word, of: id, ingress) }
                let last = try await publish(ingress)
                try await say("error", of: last, ingress)
                try await ingress.eventually("the last word") { try await !notices(ingress.bus).isEmpty }
                #expect(try await ingress.commandStatus(id).json()["status"]?.string == "acknowledged")
                #expect(try await notices(ingress.bus).map(\.requestID) == [last])
            }
        }
    }
}
