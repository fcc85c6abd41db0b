internal import SQLiteKit

/// Where every projection stands in its sources: rows of views.db, written with the rows they count.
enum ProjectionOffsets {
    static let migration = Migration(
        "projections-1",
        """
        CREATE TABLE projection_offsets (
            projection TEXT NOT NULL,
            source TEXT NOT NULL,
            partition INTEGER NOT NULL,
            next INTEGER NOT NULL,
            PRIMARY KEY (projection, source, partition)
        ) WITHOUT ROWID
        """)
}

extension Connection {
    /// The next offset to apply, of each partition that has had a record.
    func projectionOffsets(_ projection: String, _ source: String) throws -> [Int: Int64] {
        let rows = try query(
            "SELECT partition, next FROM projection_offsets WHERE projection = ? AND source = ?",
            .text(projection), .text(source)
        ) { (Int($0.int(0)), $0.int(1)) }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    func storeProjectionOffset(_ projection: String, _ source: String, partition: Int, next: Int64) throws {
        try run(
            """
            INSERT INTO projection_offsets (projection, source, partition, next) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET next = excluded.next
            """, .text(projection), .text(source), .integer(Int64(partition)), .integer(next))
    }

    func deleteProjectionOffsets(_ projection: String, _ source: String) throws {
        try run(
            "DELETE FROM projection_offsets WHERE projection = ? AND source = ?", .text(projection), .text(source))
    }
}
