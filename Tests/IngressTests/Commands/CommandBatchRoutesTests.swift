import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct CommandBatchRoutesTests {
    private static let path = "/api/v1/commands/batch"

    private func command(_ index: Int, id: String? = nil, value: Int = 1) -> String {
        let own = id.map { #""request_id":"\#($0)","# } ?? ""
        return
            #"{\#(own)"device_id":"d\#(index % 7)","command_type":"c","payload":{"n":\#(index),"v":\#(value)},"protocol":"coap"}"#
    }

    private func batch(_ commands: [String]) -> String { #"{"commands":[\#(commands.joined(separator: ","))]}"# }

    @Test func resultsComeInOrderAndEveryCommandHasAStatus() async throws {
        try await TestIngress.run { ingress in
            let answer = try await ingress.post(batch((0..<2500).map { command($0) }), to: Self.path)
            #expect(answer.status == 200)
            let body = try answer.json()
            #expect(body["total_commands"]?.int == 2500)
            #expect(body["successful"]?.int == 2500)
            #expect(body["failed"]?.int == 0)
            let ids = body["results"]?.elements.compactMap { $0["request_id"]?.string } ?? []
            #expect(Set(ids).count == 2500)
            for index in [0, 999, 1000, 2499] {
                let status = try await ingress.commandStatus(ids[index]).json()
                #expect(status["status"]?.string == "accepted")
                #expect(status["device_id"]?.string == "d\(index % 7)")
            }
            try await ingress.pushing {
                try await ingress.eventually("the last command") {
                    try await ingress.commandStatus(ids[2499]).json()["status"]?.string == "published"
                }
            }
            #expect(try await ingress.publishedIDs() == ids)
            #expect(try await ingress.commandStatus(ids[0]).json()["status"]?.string == "published")
        }
    }

    @Test func oneInvalidCommandRefusesAll() async throws {
        try await TestIngress.run { ingress in
            for body in [batch([command(0), "{}"]), "[]", #"{"commands":[],"x":1}"#, batch([])] {
                let answer = try await ingress.post(body, to: Self.path)
                #expect(answer.status == 422)
                #expect(try answer.json()["detail"]?.kind == .array)
            }
            let many = batch((0..<10_001).map { command($0) })
            #expect(try await ingress.post(many, to: Self.path).status == 422)
            #expect(try await ingress.queuedJobs() == 0)
        }
    }

    @Test func keysInABatchBehaveAsEverywhere() async throws {
        try await TestIngress.run { ingress in
            try await ingress.pushing {
                let single = try await ingress.post(command(1, id: "one"))
                #expect(single.status == 200)
                let body = batch([
                    command(0), command(1, id: "one"), command(2, id: "two"), command(2, id: "two"),
                    command(2, id: "two", value: 2), command(1, id: "one", value: 2),
                ])
                let answer = try await ingress.post(body, to: Self.path)
                #expect(answer.status == 207)
                let results = Array(try #require(try answer.json()["results"]).elements)
                let successes = results.map { $0["success"]?.bool }
                #expect(successes == [true, true, true, true, false, false])
                #expect(results[1]["status"]?.string == "published")
                #expect(results[4]["status"]?.string == "conflict")
                try await ingress.eventually("the commands") {
                    try await ingress.commandStatus("two").json()["status"]?.string == "published"
                }
                #expect(try await ingress.publishedIDs().count == 3)
            }
        }
    }

    @Test func aBatchWithAKeyIsRepeatedWithoutDuplicates() async throws {
        try await TestIngress.run { ingress in
            try await ingress.pushing {
                let body = batch((0..<50).map { command($0) })
                let key = ["Idempotency-Key": "batch-1"]
                let first = try await ingress.post(body, to: Self.path, headers: key)
                let second = try await ingress.post(body, to: Self.path, headers: key)
                #expect(first.status == 200 && second.status == 200)
                func ids(_ answer: TestClient.Answer) throws -> [String?] {
                    try #require(try answer.json()["results"]).elements.map { $0["request_id"]?.string }
                }
                let firstIDs = try ids(first)
                let secondIDs = try ids(second)
                #expect(firstIDs == secondIDs)
                let last = try #require(firstIDs[49])
                try await ingress.eventually("the commands") {
                    try await ingress.commandStatus(last).json()["status"]?.string == "published"
                }
                #expect(try await ingress.publishedIDs().count == 50)
            }
        }
    }
}
