package import BusClients
internal import Contracts
internal import Glibc
package import Runtime
internal import SQLiteKit

/// The accounts of a fleet, without an ingress: for the command line, whether one runs or not.
///
/// Reads the log of the configuration into a database of its own, which goes with it.
package enum FleetAccounts {
    /// How long reading the log may take.
    private static let patience: Duration = .seconds(30)

    /// Reads the accounts, calls `body`, and forgets them whatever happens.
    /// - Throws: `BusError`, `AccessError`, what `body` throws.
    package static func use<T: Sendable>(
        _ bus: Bus, time: any TimeSource, logger: Logger, _ body: @escaping @Sendable (Accounts) async throws -> T
    ) async throws -> T {
        try await bus.log.createTopic(
            Topic(StreamNames.fleetConfiguration),
            TopicOptions(maximumAge: nil, maximumBytes: nil, isCompacted: true))
        let directory = AccountDirectory(logger: logger)
        let projection = ConfigurationProjection(readers: [directory], time: time)
        let hasher = try PasswordHasher()
        let path = "\(temporaryFolder)/flotilla-accounts.\(SecureRandom.hex(bytes: 8)).db"
        defer { for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) } }
        let metrics = MetricsRegistry()
        let database = try await ViewsStore.open(
            path: path, projections: [projection], metrics: metrics, logger: logger)
        let runner = ProjectionRunner(
            projections: [projection], bus: bus, database: database, time: time, metrics: metrics, logger: logger)
        let result: Result<T, any Error>
        do {
            result = .success(
                try await withThrowingTaskGroup(of: T?.self) { group in
                    defer { group.cancelAll() }
                    group.addTask {
                        try await runner.run()
                        return nil
                    }
                    group.addTask {
                        await runner.waitUntilCaughtUp(atMost: patience)
                        return try await body(
                            Accounts(
                                configuration: FleetConfiguration(projection: projection, bus: bus, time: time),
                                directory: directory, hasher: hasher, time: time))
                    }
                    while let first = try await group.next() { if let first { return first } }
                    throw CancellationError()
                })
        } catch {
            result = .failure(error)
        }
        try await database.close()
        return try result.get()
    }

    private static var temporaryFolder: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }
}
