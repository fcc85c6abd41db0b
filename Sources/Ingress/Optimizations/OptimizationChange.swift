internal import Contracts
internal import Runtime

/// What one event on `optimization_events` says about a session; events of other subjects say nothing.
struct OptimizationChange: Sendable {
    /// Asked, running and over: a session never goes back.
    enum Stage: Int64, Sendable {
        case requested, running, final
    }

    let id: String
    let stage: Stage
    let owner: String?
    let host: String?
    let type: String?
    let isDryRun: Bool?
    let at: Timestamp
    /// The word of the hardware API.
    let status: OptimizationResult.Status
    /// Present when the event carries the result.
    let result: OptimizationResult?
    let errorMessage: String?

    /// The event type that the ingress publishes when a request is durable.
    static let requestedType = "session.requested"

    /// Nil for an event that is about no session.
    /// - Throws: `UndecodableRecord` when the body is not an optimization event.
    init?(body: [UInt8]) throws(UndecodableRecord) {
        let event: OptimizationEvent
        let data: JSONValue
        do {
            event = try OptimizationEvent(json: body)
            data = try JSONDocument(parsing: event.data).root
        } catch {
            throw UndecodableRecord("not an optimization event: \(error)")
        }
        guard let (stage, status) = Self.meaning(of: event.type) else { return nil }
        guard let id = data["session_id"]?.string ?? data["task_id"]?.string ?? data["id"]?.string, !id.isEmpty else {
            throw UndecodableRecord("\(event.type) names no session")
        }
        self.id = id
        owner = data["requested_by"]?.string ?? data["owner"]?.string
        host = data["host"]?.string
        type = data["optimization_type"]?.string
        isDryRun = data["dry_run"]?.bool
        at = event.timestamp
        errorMessage = data["error_message"]?.string
        result = stage == .requested ? nil : Self.result(in: data)
        self.status = result?.status ?? status
        self.stage = self.status.isFinal ? .final : stage
    }

    private static func result(in data: JSONValue) -> OptimizationResult? {
        // An event without a whole result is no fault: progress carries none.
        if let inner = data["result"] { return try? OptimizationResult(inner) }
        return try? OptimizationResult(data)
    }

    /// The stage and status that a type such as `session.completed` stands for.
    private static func meaning(of type: String) -> (Stage, OptimizationResult.Status)? {
        guard type.hasPrefix("session."), let word = type.split(separator: ".").last else { return nil }
        switch word {
        case "requested": return (.requested, .running)
        case "completed": return (.final, .completed)
        case "failed": return (.final, .failed)
        case "cancelled": return (.final, .cancelled)
        default: return (.running, .running)
        }
    }
}
