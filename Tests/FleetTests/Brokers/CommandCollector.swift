import BusClients
import BusTestKit
import Contracts
import Runtime
import Synchronization
import Testing

/// Reads `device_commands` on Kafka as a connector does, from the first record on, while a test goes on.
final class CommandCollector: Sendable {
    private let client: KafkaClient
    private let log = Mutex(CommandLog())
    private let reading = Mutex<Task<Void, any Error>?>(nil)

    init(_ fleet: BrokerFleet) async throws {
        client = try await fleet.log()
        let records = try await client.log.follow(Topic(StreamNames.deviceCommands), from: [:])
        let task = Task { [self] in
            for try await batch in records {
                try log.withLock { log in for record in batch { try log.add(record) } }
            }
        }
        reading.withLock { $0 = task }
    }

    /// What has been read so far.
    var commands: CommandLog { log.withLock { $0 } }

    /// Waits until the log holds every command that a client was told of.
    func waitForAnswered(_ record: LoadRecord, seconds: Int = 120) async throws {
        let answered = record.answered.values.joined()
        try await withDeadline("every answered command is in the log", seconds: seconds) { [self] in
            while !answered.allSatisfy({ commands.positions[$0] != nil }) {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    func stop() async {
        let task = reading.withLock { $0.take() }
        task?.cancel()
        _ = await task?.result
        await client.close()
    }
}
