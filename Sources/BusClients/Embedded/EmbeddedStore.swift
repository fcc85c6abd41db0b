internal import Glibc
internal import Runtime
internal import SQLiteKit
internal import Synchronization

/// What the three embedded ports share: the database, the clock, the signals.
final class EmbeddedStore: Sendable {
    let database: Database
    let time: any TimeSource
    let logger: Logger
    let configuration: EmbeddedBusConfiguration
    let signals: Signals
    let presence: Presence
    private let openedAt: Timestamp
    private let wake: CrossProcessWake
    private let closing = Atomic<Bool>(false)
    private let maintenance = Mutex<Task<Void, Never>?>(nil)

    private init(
        database: Database, time: any TimeSource, logger: Logger, configuration: EmbeddedBusConfiguration,
        signals: Signals, presence: Presence, wake: CrossProcessWake
    ) {
        self.database = database
        self.time = time
        self.logger = logger
        self.configuration = configuration
        self.signals = signals
        self.presence = presence
        self.wake = wake
        openedAt = time.now
    }

    static func open(
        _ configuration: EmbeddedBusConfiguration, time: any TimeSource, logger: Logger, metrics: MetricsRegistry?
    ) async throws(BusError) -> EmbeddedStore {
        try await BusError.mapping {
            let file = DatabaseConfiguration(
                path: configuration.folder + "/bus.db", durability: .full, readers: 2, name: "bus", metrics: metrics)
            let database = try await Database.open(file, migrations: EmbeddedSchema.migrations, logger: logger)
            do {
                let presence = try await Presence.register(
                    path: configuration.folder + "/bus.presence", database: database, bootID: try bootID())
                let signals = Signals()
                let watch = WriteWatch(database: database, signals: signals)
                let wake = try CrossProcessWake(path: configuration.folder + "/bus.wake") {
                    signals.raiseAll()
                } onQuiet: {
                    watch.look()
                }
                let store = EmbeddedStore(
                    database: database, time: time, logger: logger, configuration: configuration, signals: signals,
                    presence: presence, wake: wake)
                store.startMaintenance()
                wake.bump()
                return store
            } catch {
                try await database.close()
                throw error
            }
        }
    }

    /// Identifies this boot of the kernel, to which CLOCK_BOOTTIME belongs.
    private static func bootID() throws(BusError) -> String {
        let descriptor = Glibc.open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BusError(.unavailable, "cannot read the boot id") }
        defer { Glibc.close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count > 0 else { throw BusError(.unavailable, "cannot read the boot id") }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// There is no broker to lose: what the disk refuses, the call that writes says.
    var connection: ConnectionHealth {
        ConnectionHealth(
            transport: .embedded, state: isClosing ? .closed : .connected,
            reason: isClosing ? "the bus is closed" : nil, since: openedAt)
    }

    var isClosing: Bool { closing.load(ordering: .acquiring) }

    /// CLOCK_BOOTTIME in nanoseconds, as `until` columns hold it.
    var uptime: Int64 { time.uptime.nanoseconds }

    /// Announces, after the commit of the current write, that a subject has something new.
    func announce(_ signal: Signal, after connection: Connection) {
        connection.afterCommit { [wake] in
            signal.raise()
            wake.bump()
        }
    }

    /// Repeats a body until the task is cancelled; the caller owns and cancels it.
    func repeating(every interval: Duration, _ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task { [time] in
            while !Task.isCancelled {
                do { try await time.sleep(for: interval) } catch { return }
                await body()
            }
        }
    }

    private func startMaintenance() {
        let task = repeating(every: configuration.retentionInterval) { [weak self] in
            guard let self else { return }
            await takeOverFromTheDead()
            await Retention(store: self).enforce()
        }
        maintenance.withLock { $0 = task }
    }

    /// Returns what processes that died held to their queues and groups.
    private func takeOverFromTheDead() async {
        do {
            try await database.write { [presence, signals, wake] connection in
                guard try presence.takeOverFromTheDead(connection) else { return }
                connection.afterCommit {
                    signals.raiseAll()
                    wake.bump()
                }
            }
        } catch {
            logger.warning("take_over_failed", ["error": "\(error)"])
        }
    }

    /// Ends every consumer, gives back what this process holds, and closes the database.
    func close() async {
        guard !closing.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let task = maintenance.withLock { task in
            defer { task = nil }
            return task
        }
        task?.cancel()
        await task?.value
        signals.raiseAll()
        do {
            try await database.write { [presence] in try presence.leave($0) }
        } catch {
            logger.error("bus_leave_failed", ["error": "\(error)"])
        }
        // Closing the database performs every write that is in, and those announce: the wake-up goes last.
        do {
            try await database.close()
        } catch {
            logger.error("bus_close_failed", ["error": "\(error)"])
        }
        wake.stop()
    }
}

extension Duration {
    /// Whole nanoseconds; saturates beyond 292 years.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : product + attoseconds / 1_000_000_000
    }

    /// Whole microseconds.
    var microseconds: Int64 { nanoseconds / 1000 }
}

extension Int64 {
    /// Nanoseconds later; saturates.
    func adding(_ duration: Duration) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(duration.nanoseconds)
        return overflow ? .max : sum
    }
}
