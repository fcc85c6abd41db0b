internal import BusClients
internal import Contracts
internal import Runtime
internal import SQLiteKit

/// Ends the sign-ins whose time is over, and deletes from the log what no longer matters: changes that another one
/// replaced, changes that came too late, and settings that were deleted. Every ingress does; twice is the same as once.
struct ConfigurationJanitor: Sendable {
    private static let interval: Duration = .seconds(60)
    /// Nobody waits so long for what became of a change.
    private static let age: Duration = .seconds(60)
    /// A deleted setting is forgotten after so long: until then a change that is based on it is refused.
    private static let deletedAge: Duration = .seconds(86_400)
    private static let recordsAtATime = 1000

    let accounts: Accounts
    let bus: Bus
    let views: Database
    let time: any TimeSource
    let logger: Logger

    func run() async {
        while !Task.isCancelled {
            do {
                try await time.sleep(for: Self.interval)
                try await sweep(replacedFor: Self.age, deletedFor: Self.deletedAge)
            } catch is CancellationError {
                return
            } catch {
                logger.warning("configuration_not_swept", ["error": "\(error)"])
            }
        }
    }

    /// Deletes what was replaced, or deleted, at least so long ago.
    func sweep(replacedFor age: Duration, deletedFor deletedAge: Duration) async throws {
        try await accounts.endExpiredSignIns()
        let now = time.now
        let records = try await views.read {
            try $0.surplusConfigurationRecords(
                before: now.advanced(by: .zero - age), deletedBefore: now.advanced(by: .zero - deletedAge),
                limit: Self.recordsAtATime)
        }
        guard !records.isEmpty else { return }
        _ = try await bus.log.append(
            records.map { LogRecord(key: $0, value: []) }, to: Topic(StreamNames.fleetConfiguration))
    }
}
