package import Runtime
internal import SQLiteKit

/// The embedded transport of the three ports: one SQLite file that processes of one machine share.
///
/// A write is durable when its call returns: its transaction is committed with an fsync.
public enum EmbeddedBus {
    /// Opens the bus in its folder, which must exist, and takes back what a dead process had in its hands.
    /// - Throws: `BusError`: `.corrupt` when the file is damaged, `.unavailable` when it cannot be opened, `.diskFull`.
    package static func open(
        _ configuration: EmbeddedBusConfiguration, time: any TimeSource, logger: Logger, metrics: MetricsRegistry?
    ) async throws(BusError) -> Bus {
        let store = try await EmbeddedStore.open(configuration, time: time, logger: logger, metrics: metrics)
        return Bus(
            queues: EmbeddedWorkQueue(store), events: EmbeddedEventExchange(store), log: EmbeddedMessageLog(store),
            close: { await store.close() })
    }

    /// Opens the bus in its folder with the system's clock and without a log.
    /// - Throws: As `open(_:time:logger:metrics:)`.
    public static func open(_ configuration: EmbeddedBusConfiguration) async throws(BusError) -> Bus {
        try await open(configuration, time: SystemTime(), logger: .silent, metrics: nil)
    }
}
