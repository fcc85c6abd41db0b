internal import Contracts
internal import Runtime
internal import SQLiteKit

extension Connection {
    /// Keeps a batch's event as it is, until each of its commands has a row.
    func store(_ batch: AcceptedBatch, _ root: JSONValue, body: [UInt8]) throws {
        let size = AcceptedBatch.size(of: root)
        try run(
            """
            INSERT OR IGNORE INTO accepted_batches (prefix, first, created_at, body, last, own)
            VALUES (?, ?, ?, ?, ?, ?)
            """, .text(batch.prefix), .integer(Int64(batch.first)), .integer(batch.acceptedAt.microseconds),
            .blob(body), .integer(Int64(batch.first + size.places - 1)), .integer(Int64(size.own)))
        try dropBatch(batch.prefix, holding: batch.first)
    }

    /// Deletes the batch that a command is of if all of them have rows: those tell of the acceptance too.
    func dropBatch(of requestID: String) throws {
        guard let place = CommandID.place(of: requestID) else { return }
        try dropBatch(place.prefix, holding: place.index)
    }

    private func dropBatch(_ prefix: String, holding index: Int) throws {
        let found = try first(
            """
            SELECT id, first, last, own FROM accepted_batches WHERE prefix = ? AND first <= ?
            ORDER BY first DESC LIMIT 1
            """, .text(prefix), .integer(Int64(index))
        ) { row -> (id: Int64, first: Int, last: Int, own: Int64)? in
            // A row of an older version stays for its week.
            row.isNull(2) ? nil : (row.int(0), Int(row.int(1)), Int(row.int(2)), row.int(3))
        }
        guard let batch = found ?? nil else { return }
        let rows = try first(
            "SELECT count(*) FROM commands WHERE request_id >= ? AND request_id <= ?",
            .text(CommandID.inBatch(prefix, batch.first)), .text(CommandID.inBatch(prefix, batch.last))
        ) { $0.int(0) }
        guard rows == batch.own else { return }
        try run("DELETE FROM accepted_batches WHERE id = ?", .integer(batch.id))
    }
}
