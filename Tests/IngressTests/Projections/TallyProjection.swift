import BusClients
import SQLiteKit
import Synchronization

@testable import Ingress

/// Counts how often each body was applied; the body `poison` cannot be read.
final class TallyProjection: Projection {
    let name = "tally"
    let migrations = [
        Migration("tally-1", "CREATE TABLE tally (body TEXT PRIMARY KEY, applied INTEGER NOT NULL)")
    ]
    let sources: [ProjectionSource]
    private let committedBatches = Mutex<[[String]]>([])

    init(_ sources: ProjectionSource...) { self.sources = sources }

    /// The bodies of each commit.
    var commits: [[String]] { committedBatches.withLock { $0 } }

    func apply(_ batch: ProjectionBatch, _ connection: Connection) throws {
        for record in batch.records {
            let body = String(decoding: record.body, as: UTF8.self)
            if body == "poison" { throw UndecodableRecord("it is poison") }
            try connection.run(
                "INSERT INTO tally (body, applied) VALUES (?, 1) ON CONFLICT DO UPDATE SET applied = applied + 1",
                .text(body))
        }
    }

    func committed(_ batch: ProjectionBatch) {
        committedBatches.withLock { $0.append(batch.records.map { String(decoding: $0.body, as: UTF8.self) }) }
    }
}
