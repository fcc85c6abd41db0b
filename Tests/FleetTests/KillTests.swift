import BusClients
import BusTestKit
import Contracts
import Glibc
import Runtime
import Testing

/// `kill -9` at any moment loses nothing, doubles nothing, and leaves no false status.
@Suite(.serialized) struct KillTests {
    /// All of them in `make soak`, a few in `make test`.
    private static let rounds = getenv("FLOTILLA_SOAK") == nil ? 4 : 30

    @Test func everyAnsweredCommandIsInTheLogOnceAndInOrder() async throws {
        let state = try TemporaryFolder()
        let load = CommandLoad()
        for _ in 0..<Self.rounds {
            let fleet = try await Fleet.up(state.path)
            let before = load.result.answeredCount
            async let sending: Void = load.run(clients: 32, against: fleet)
            try await withDeadline("the first answer of the round") {
                while load.result.answeredCount == before { try await Task.sleep(for: .milliseconds(1)) }
            }
            // The moment is the point of the test: from the first answer on, anywhere in a second and a half of load.
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...1500)))
            try await fleet.killHard()
            try await sending
        }
        let record = load.result
        let fleet = try await Fleet.up(state.path)
        try await CommandLog.drained(state.path)
        let log = try await CommandLog.read(state.path)
        log.verify(record)
        try await verifyStatuses(record, log, fleet)
        #expect(try await fleet.stop() == 0)
    }

    private func verifyStatuses(_ record: LoadRecord, _ log: CommandLog, _ fleet: Fleet) async throws {
        let thread = BlockingThread(name: "statuses")
        defer { thread.stop() }
        let ids = record.answered.values.joined().shuffled().prefix(300)
        try await thread.run {
            let client = try fleet.client()
            for id in ids {
                let target = "/api/v1/commands/\(id.replacing("/", with: "%2F"))/status"
                let answer = try client.send("GET", target)
                #expect(answer.status == 200, "\(id): \(answer.text)")
                let body = try JSONDocument(parsing: answer.body).root
                #expect(body["status"]?.string == "published", "\(id): \(answer.text)")
                #expect(body["kafka"]?["partition"]?.int == log.positions[id]?.first?.partition)
                #expect(body["kafka"]?["offset"]?.int == log.positions[id]?.first.map { Int($0.offset) })
            }
        }
    }
}
