internal import CSQLite

/// Sizes and modes of the write-ahead log.
enum WriteAheadLog {
    static let pageBytes = 4096
    /// 16 MiB: from here on a passive checkpoint runs beside the writer. The pages at the end of a table are written by
    /// every commit and moved once a checkpoint, so a longer log is less work; a shorter one is less memory and disk.
    static let passivePages = 4096
    /// 64 MiB: a writer that is never idle keeps the log from restarting, so it stops once to restart it.
    static let restartPages = 16384

    enum Checkpoint: Sendable {
        case passive, restart, truncate

        var sqliteMode: Int32 {
            switch self {
            case .passive: SQLITE_CHECKPOINT_PASSIVE
            case .restart: SQLITE_CHECKPOINT_RESTART
            case .truncate: SQLITE_CHECKPOINT_TRUNCATE
            }
        }
    }

    struct Progress: Sendable {
        var pages: Int
        var checkpointedPages: Int
    }

    /// Holds the page count of the last commit; written and read on the writer's thread only.
    final class Observer {
        var pages = 0
        /// The pages at which the writer stops to restart the log.
        var restartAt = WriteAheadLog.restartPages
    }
}
