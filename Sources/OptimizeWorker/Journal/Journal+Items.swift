internal import SQLiteKit

extension Journal {
    /// Items of a step in one state, in order, after one of them.
    package func items(
        session: String, step: Int, in state: JournalItem.State, after number: Int, limit: Int
    ) async throws -> [JournalItem] {
        try await read { connection in
            try connection.query(
                """
                SELECT number, target, bytes, facts, detail FROM items
                WHERE session = ? AND step = ? AND state = ? AND number > ? ORDER BY number LIMIT ?
                """, .text(session), .integer(Int64(step)), .text(state.rawValue), .integer(Int64(number)),
                .integer(Int64(limit))
            ) { row in
                let item = PlannedItem(
                    target: row.blob(1), bytes: Int(row.int(2)), facts: try Facts(json: row.blob(3)))
                return JournalItem(number: Int(row.int(0)), item: item, state: state, detail: row.textOrNil(4))
            }
        }
    }

    /// Writes down how items stand now.
    package func settle(_ items: [JournalItem], session: String, step: Int) async throws {
        try await write { connection in
            for item in items {
                try connection.run(
                    "UPDATE items SET state = ?, detail = ? WHERE session = ? AND step = ? AND number = ?",
                    .text(item.state.rawValue), Binding(item.detail), .text(session), .integer(Int64(step)),
                    .integer(Int64(item.number)))
            }
        }
    }

    /// How many items of a step, or of all steps, are in each state.
    package func totals(session: String, step: Int? = nil) async throws -> [JournalItem.State: ItemTotal] {
        try await read { connection in
            let rows = try connection.query(
                """
                SELECT state, count(*), sum(bytes) FROM items
                WHERE session = ?1 AND (?2 IS NULL OR step = ?2) GROUP BY state
                """, .text(session), Binding(step)
            ) { row in
                (JournalItem.State(rawValue: row.text(0)), ItemTotal(count: Int(row.int(1)), bytes: Int(row.int(2))))
            }
            var totals: [JournalItem.State: ItemTotal] = [:]
            for (state, total) in rows { if let state { totals[state] = total } }
            return totals
        }
    }
}
