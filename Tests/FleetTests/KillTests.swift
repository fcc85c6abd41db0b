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
        for round in 0..<Self.rounds {
            let fleet = try await Fleet.up(state.path)
            async let sending: Void = load.run(clients: 32, against: fleet)
            // The moment is the point of the test: anywhere in the first second and a half of load.
            try await Task.sleep(for: .milliseconds(Int.random(in: 100...1500)))
            try await fleet.killHard()
            try await sending
            #expect(load.result.answeredCount > 0, "round \(round): \(fleet.process.text)")
        }
        let record = load.result
        let fleet = try await Fleet.up(state.path)
        try await drained(state.path)
        let positions = try await logPositions(state.path)
        try verify(record, positions)
        try await verifyStatuses(record, positions, fleet)
        #expect(try await fleet.stop() == 0)
    }

    /// Waits until the pusher has emptied its queue, watching through the bus as another process does.
    private func drained(_ state: String) async throws {
        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: state))
        try await withDeadline("the queue drains", seconds: 120) {
            while true {
                let status = try await bus.queues.status(of: QueueName(StreamNames.commandRequests))
                if status.oldestAge == nil { return }
                try Task.checkCancellation()
            }
        }
        #expect(try await bus.queues.status(of: QueueName(StreamNames.commandRequests)).deadLetters == 0)
        await bus.close()
    }

    /// Where each request id stands in `device_commands`, and the ids of each device in the log's order.
    private func logPositions(_ state: String) async throws -> CommandLog {
        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: state))
        var log = CommandLog()
        for (partition, range) in try await bus.log.offsets(of: Topic(StreamNames.deviceCommands)).enumerated() {
            var next = range.lowerBound
            while next < range.upperBound {
                let records = try await bus.log.read(
                    Topic(StreamNames.deviceCommands), partition: partition, from: next, limit: 1000)
                for record in records {
                    let id = try #require(try JSONDocument(parsing: record.record.value).root["request_id"]?.string)
                    log.positions[id, default: []].append(record.position)
                    log.order[record.record.key, default: []].append(id)
                    next = record.position.offset + 1
                }
                if records.isEmpty { break }
            }
        }
        await bus.close()
        return log
    }

    private func verify(_ record: LoadRecord, _ log: CommandLog) throws {
        for (id, positions) in log.positions {
            #expect(positions.count == 1, "\(id) is in the log \(positions.count) times")
        }
        for (device, ids) in record.answered {
            let order = log.order[device] ?? []
            let missing = ids.filter { log.positions[$0] == nil }
            #expect(missing.isEmpty, "answered and not in the log: \(missing)")
            let steps = order.compactMap { $0.split(separator: "/").last.flatMap { Int($0) } }
            #expect(steps == steps.sorted(), "the order of \(device) is \(steps)")
        }
        let known = record.unanswered.union(record.answered.values.joined())
        #expect(Set(log.positions.keys).isSubset(of: known), "the log holds what nobody sent")
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

private struct CommandLog: Sendable {
    var positions: [String: [LogPosition]] = [:]
    var order: [String: [String]] = [:]
}
