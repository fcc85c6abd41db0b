import BusClients
import BusTestKit
import Contracts
import Testing

/// What `device_commands` holds, read through the bus as another process does.
struct CommandLog: Sendable {
    /// Where each request id stands.
    private(set) var positions: [String: [LogPosition]] = [:]
    /// The request ids of each device in the log's order.
    private(set) var order: [String: [String]] = [:]

    /// Waits until the pusher has emptied its queue.
    static func drained(_ state: String) async throws {
        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: state))
        let queue = QueueName(StreamNames.commandRequests)
        try await withDeadline("the queue drains", seconds: 120) {
            while try await bus.queues.status(of: queue).oldestAge != nil {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        #expect(try await bus.queues.status(of: queue).deadLetters == 0)
        await bus.close()
    }

    static func read(_ state: String) async throws -> CommandLog {
        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: state))
        let topic = Topic(StreamNames.deviceCommands)
        var log = CommandLog()
        for (partition, range) in try await bus.log.offsets(of: topic).enumerated() {
            var next = range.lowerBound
            while next < range.upperBound {
                let records = try await bus.log.read(topic, partition: partition, from: next, limit: 1000)
                for record in records {
                    try log.add(record)
                    next = record.position.offset + 1
                }
                if records.isEmpty { break }
            }
        }
        await bus.close()
        return log
    }

    mutating func add(_ record: StoredRecord) throws {
        let id = try #require(JSONDocument(parsing: record.record.value).root["request_id"]?.string)
        positions[id, default: []].append(record.position)
        order[record.record.key, default: []].append(id)
    }

    /// Every answered command is there once and in order, and nothing is there that nobody sent.
    func verify(_ record: LoadRecord) {
        for (id, positions) in positions { #expect(positions.count == 1, "\(id) is there \(positions.count) times") }
        for (device, ids) in record.answered {
            let missing = ids.filter { positions[$0] == nil }
            #expect(missing.isEmpty, "answered and not in the log: \(missing)")
            let steps = (order[device] ?? []).compactMap { $0.split(separator: "/").last.flatMap { Int($0) } }
            #expect(steps == steps.sorted(), "the order of \(device) is \(steps)")
        }
        let known = record.unanswered.union(record.answered.values.joined())
        #expect(Set(positions.keys).isSubset(of: known), "the log holds what nobody sent")
    }
}
