internal import Contracts
internal import Runtime
internal import SQLiteKit

extension Connection {
    func append(_ events: [OutboxEvent], to session: String) throws {
        for event in events {
            try run(
                "INSERT INTO outbox (session, sequence, type, body) VALUES (?, ?, ?, ?)", .text(session),
                .integer(Int64(event.sequence)), .text(event.type), .blob(event.body))
        }
    }

    /// Reads a session that is there.
    func session(_ id: String) throws -> SessionRecord {
        let steps = try query(
            "SELECT number, step, state, run, outcome FROM steps WHERE session = ? ORDER BY number", .text(id)
        ) { row in
            StepRecord(
                number: Int(row.int(0)), step: try PlannedStep(json: row.blob(1)),
                state: try Self.known(StepRecord.State(rawValue: row.text(2))), run: row.intOrNil(3).map(Int.init),
                outcome: row.isNull(4) ? nil : try StepOutcome(json: row.blob(4)))
        }
        let lastSequence = try first("SELECT max(sequence) FROM outbox WHERE session = ?", .text(id)) { Int($0.int(0)) }
        let record = try first(
            "SELECT request, phase, started_at, runs, before FROM sessions WHERE id = ?", .text(id)
        ) { row in
            SessionRecord(
                request: try OptimizationRequest(json: row.blob(0)),
                phase: try Self.known(SessionRecord.Phase(rawValue: row.text(1))),
                startedAt: Timestamp(microseconds: row.int(2)), run: Int(row.int(3)),
                before: row.isNull(4) ? [:] : try Facts(json: row.blob(4)), steps: steps,
                lastSequence: lastSequence ?? 0)
        }
        return try Self.known(record)
    }

    private static func known<T>(_ value: T?) throws -> T {
        guard let value else { throw MessageError("the journal holds a state that this version does not know") }
        return value
    }
}
