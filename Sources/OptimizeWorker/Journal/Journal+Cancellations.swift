internal import Runtime
internal import SQLiteKit

extension Journal {
    /// A session that someone wants stopped.
    struct Cancellation: Sendable {
        var session: String
        var requestedBy: String
        var requestedAt: Timestamp
    }

    /// Writes down cancellations together with how far the control exchange was read.
    func record(_ cancellations: [Cancellation], readThrough offset: Int64) async throws {
        try await write { connection in
            for cancellation in cancellations {
                try connection.run(
                    """
                    INSERT INTO cancellations (session, requested_by, requested_at) VALUES (?, ?, ?)
                    ON CONFLICT (session) DO NOTHING
                    """, .text(cancellation.session), .text(cancellation.requestedBy),
                    .integer(cancellation.requestedAt.microseconds))
            }
            try connection.run(
                """
                INSERT INTO positions (name, offset) VALUES ('control', ?)
                ON CONFLICT (name) DO UPDATE SET offset = excluded.offset
                """, .integer(offset + 1))
        }
    }

    /// What was asked to be cancelled so far.
    func cancellations() async throws -> [String: String] {
        try await read { connection in
            let rows = try connection.query("SELECT session, requested_by FROM cancellations") {
                ($0.text(0), $0.text(1))
            }
            return Dictionary(rows) { first, _ in first }
        }
    }

    /// The first offset of the control exchange that was not read yet; nil at the very first start.
    func controlPosition() async throws -> Int64? {
        try await read { connection in
            try connection.first("SELECT offset FROM positions WHERE name = 'control'") { $0.int(0) }
        }
    }
}
