internal import Glibc
package import Runtime
package import SQLiteKit

/// Opens views.db. A file that cannot be used is moved aside and built anew from what the logs retain; older history of
/// the hosts is in the file alone, which stays for whoever wants it back.
package enum ViewsStore {
    /// A thousand records of as many sessions and owners change about 6 MiB of pages.
    private static let cacheBytes = 16 << 20

    /// - Throws: `SQLiteError` when no usable file can be made, such as `.diskFull` or `.cannotOpen`.
    package static func open(
        path: String, projections: [any Projection], metrics: MetricsRegistry, logger: Logger
    ) async throws -> Database {
        let configuration = DatabaseConfiguration(
            path: path, durability: .normal, readers: 2, writerCacheBytes: cacheBytes, name: "views", metrics: metrics)
        let migrations = [ProjectionOffsets.migration] + projections.flatMap(\.migrations)
        let database: Database
        do {
            database = try await Database.open(configuration, migrations: migrations, logger: logger)
        } catch let error as SQLiteError where [.corrupt, .misuse, .newerVersion].contains(error.code) {
            let aside = try moveAside(path, as: error.code == .newerVersion ? "newer" : "damaged")
            logger.error(
                "views_rebuilt", ["path": .string(path), "moved_to": .string(aside), "error": .string("\(error)")])
            database = try await Database.open(configuration, migrations: migrations, logger: logger)
        }
        for projection in projections { try await projection.load(from: database) }
        return database
    }

    /// Renames the file and deletes what belongs to it alone; returns the new path. Only the newest is kept.
    private static func moveAside(_ path: String, as suffix: String) throws -> String {
        let aside = "\(path).\(suffix)"
        guard rename(path, aside) == 0 else { throw ViewsError(path: path, number: errno) }
        for suffix in ["-wal", "-shm"] where unlink(path + suffix) != 0 && errno != ENOENT {
            throw ViewsError(path: path + suffix, number: errno)
        }
        return aside
    }
}

/// A damaged views.db that cannot be moved aside.
struct ViewsError: Error, CustomStringConvertible {
    let path: String
    let number: Int32

    var description: String { "\(path) cannot be moved aside: \(String(cString: strerror(number)))" }
}
