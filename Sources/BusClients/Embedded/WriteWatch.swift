internal import Runtime
internal import SQLiteKit
internal import Synchronization

/// Notices by the database's own change counter that another connection has written: the safety net under
/// `CrossProcessWake`.
final class WriteWatch: Sendable {
    private let database: Database
    private let signals: Signals
    private let version = Mutex<Int64?>(nil)
    private let isLooking = Atomic<Bool>(false)

    init(database: Database, signals: Signals) {
        self.database = database
        self.signals = signals
    }

    /// Looks once, on the store's thread; wakes everyone if something was written since the last look.
    func look() {
        guard !isLooking.exchange(true, ordering: .acquiringAndReleasing) else { return }
        database.submitRead { connection in
            try connection.first("PRAGMA data_version") { $0.int(0) }
        } completion: { [self] result in
            isLooking.store(false, ordering: .releasing)
            // A failed look is repeated in a second; whoever reads meanwhile sees the failure itself.
            guard case .success(let current?) = result else { return }
            let last = version.withLock { version in
                defer { version = current }
                return version
            }
            if last != current { signals.raiseAll() }
        }
    }
}
