package import Contracts
package import Runtime
internal import SQLiteKit

/// What the worker has planned and done, on disk: a session goes on after a crash where it was, and what it changed is
/// known for ever after.
///
/// Safe to use from any task. Every write is durable when its call returns. The events that tell of a change are
/// written with it and published afterwards, so none is lost and none has another body the second time.
package final class Journal: Sendable {
    private let database: Database

    private init(_ database: Database) { self.database = database }

    /// Opens the journal or makes it.
    /// - Throws: `SQLiteError`.
    package static func open(path: String, logger: Logger) async throws -> Journal {
        let configuration = DatabaseConfiguration(path: path, durability: .full, name: "journal")
        return Journal(
            try await Database.open(configuration, migrations: JournalSchema.migrations, logger: logger))
    }

    package func close() async throws { try await database.close() }

    /// Takes up a session: makes it, or counts one more run of the one that is there.
    package func takeUp(_ request: OptimizationRequest, at now: Timestamp) async throws -> SessionRecord {
        try await database.write { connection in
            try connection.run(
                """
                INSERT INTO sessions (id, request, phase, started_at, runs) VALUES (?, ?, ?, ?, 1)
                ON CONFLICT (id) DO UPDATE SET runs = runs + 1
                """, .text(request.id), .blob(request.json), .text(SessionRecord.Phase.planning.rawValue),
                .integer(now.microseconds))
            return try connection.session(request.id)
        }
    }

    /// Forgets the items of a plan that was not finished.
    package func discardPlan(of session: String) async throws {
        try await database.write { connection -> Void in
            try connection.run("DELETE FROM items WHERE session = ?", .text(session))
            try connection.run("DELETE FROM steps WHERE session = ?", .text(session))
        }
    }

    /// Appends items to a step of the plan.
    package func add(_ items: [PlannedItem], session: String, step: Int, from number: Int) async throws {
        try await database.write { connection in
            for (index, item) in items.enumerated() {
                try connection.run(
                    """
                    INSERT INTO items (session, step, number, target, bytes, facts, state)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """, .text(session), .integer(Int64(step)), .integer(Int64(number + index)), .blob(item.target),
                    .integer(Int64(item.bytes)), .blob(item.facts.json), .text(JournalItem.State.planned.rawValue))
            }
        }
    }

    /// The plan stands: its steps will be executed as they are.
    package func savePlan(
        _ steps: [PlannedStep], before: Facts, session: String, events: [OutboxEvent]
    ) async throws {
        try await database.write { connection in
            for (number, step) in steps.enumerated() {
                try connection.run(
                    "INSERT INTO steps (session, number, step, state) VALUES (?, ?, ?, ?)", .text(session),
                    .integer(Int64(number)), .blob(step.json), .text(StepRecord.State.planned.rawValue))
            }
            try connection.run(
                "UPDATE sessions SET phase = ?, before = ? WHERE id = ?",
                .text(SessionRecord.Phase.executing.rawValue), .blob(before.json), .text(session))
            try connection.append(events, to: session)
        }
    }

    package func startStep(_ number: Int, session: String, events: [OutboxEvent]) async throws {
        try await database.write { connection in
            try connection.run(
                "UPDATE steps SET state = ? WHERE session = ? AND number = ?",
                .text(StepRecord.State.started.rawValue), .text(session), .integer(Int64(number)))
            try connection.append(events, to: session)
        }
    }

    package func endStep(
        _ number: Int, run: Int, outcome: StepOutcome, session: String, events: [OutboxEvent]
    ) async throws {
        try await database.write { connection in
            try connection.run(
                "UPDATE steps SET state = ?, run = ?, outcome = ? WHERE session = ? AND number = ?",
                .text(StepRecord.State.ended.rawValue), .integer(Int64(run)), .blob(outcome.json), .text(session),
                .integer(Int64(number)))
            try connection.append(events, to: session)
        }
    }

    package func end(
        _ session: String, result: OptimizationResult, at now: Timestamp, events: [OutboxEvent]
    ) async throws {
        try await database.write { connection in
            try connection.run(
                "UPDATE sessions SET phase = ?, result = ?, ended_at = ? WHERE id = ?",
                .text(SessionRecord.Phase.ended.rawValue), .blob(result.json), .integer(now.microseconds),
                .text(session))
            try connection.append(events, to: session)
        }
    }

    /// How the session ended; nil while it runs or when the journal does not know it.
    package func result(of session: String) async throws -> OptimizationResult? {
        try await database.read { connection in
            try connection.first("SELECT result FROM sessions WHERE id = ?", .text(session)) { row in
                row.isNull(0) ? nil : try OptimizationResult(json: row.blob(0))
            } ?? nil
        }
    }

    /// Adds an event by itself.
    package func append(_ events: [OutboxEvent], to session: String) async throws {
        try await database.write { try $0.append(events, to: session) }
    }

    /// The events that may not be published yet, in order.
    package func unpublished(of session: String) async throws -> [OutboxEvent] {
        try await database.read { connection in
            try connection.query(
                "SELECT sequence, type, body FROM outbox WHERE session = ? AND is_published = 0 ORDER BY sequence",
                .text(session)
            ) { OutboxEvent(sequence: Int($0.int(0)), type: $0.text(1), body: $0.blob(2)) }
        }
    }

    /// The events up to this one are published.
    package func markPublished(_ session: String, through sequence: Int) async throws {
        try await database.write { connection -> Void in
            try connection.run(
                "UPDATE outbox SET is_published = 1 WHERE session = ? AND sequence <= ? AND is_published = 0",
                .text(session), .integer(Int64(sequence)))
        }
    }

    /// Forgets sessions that ended before a time and hold nothing that could be put back, and old cancellations.
    package func prune(before time: Timestamp) async throws {
        try await database.write { connection -> Void in
            try connection.run(
                """
                DELETE FROM sessions WHERE phase = ? AND ended_at < ? AND NOT EXISTS (
                    SELECT 1 FROM items WHERE session = sessions.id AND state = ?)
                """, .text(SessionRecord.Phase.ended.rawValue), .integer(time.microseconds),
                .text(JournalItem.State.quarantined.rawValue))
            try connection.run("DELETE FROM cancellations WHERE requested_at < ?", .integer(time.microseconds))
        }
    }
}

extension Journal {
    /// Runs other parts' writes.
    func write<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        try await database.write(body)
    }

    /// Runs other parts' reads.
    func read<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        try await database.read(body)
    }
}
