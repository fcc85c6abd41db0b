package import Runtime

/// One optimization to do: the body of a job on `optimize.host.<host>` or `optimize.model`.
package struct OptimizationRequest: Sendable, Hashable {
    /// Names the session everywhere; unique in the fleet.
    package var id: String
    /// Such as `memory`, `storage_duplicates`, `quantization`.
    package var type: String
    /// The host that shall do it; nil for a model, which any worker may take.
    package var host: String?
    /// What the optimization takes, a JSON object.
    package var parameters: [UInt8]
    /// Plan, measure and report, and change nothing.
    package var isDryRun: Bool
    /// `low`, `normal`, `high` or `critical`.
    package var priority: String
    /// Undo what was changed when the result is worse than before.
    package var rollsBack: Bool
    package var rollbackTimeout: Duration?
    /// The principal that asked.
    package var requestedBy: String
    package var requestedAt: Timestamp

    /// Seconds that a message may ask for: ten years.
    private static let longestRollbackTimeout = 315_360_000.0

    package init(
        id: String, type: String, host: String? = nil, parameters: [UInt8] = Array("{}".utf8), isDryRun: Bool = true,
        priority: String = "normal", rollsBack: Bool = true, rollbackTimeout: Duration? = nil, requestedBy: String,
        requestedAt: Timestamp
    ) {
        self.id = id
        self.type = type
        self.host = host
        self.parameters = parameters
        self.isDryRun = isDryRun
        self.priority = priority
        self.rollsBack = rollsBack
        self.rollbackTimeout = rollbackTimeout
        self.requestedBy = requestedBy
        self.requestedAt = requestedAt
    }

    package init(json: [UInt8]) throws {
        try self.init(JSONDocument(parsing: json).root)
    }

    package init(_ value: JSONValue) throws(MessageError) {
        id = try value.requiredString("id")
        type = try value.requiredString("optimization_type")
        host = value["host"]?.string
        parameters = try value.requiredObject("parameters").minified
        isDryRun = try value.requiredBool("dry_run")
        priority = try value.requiredString("priority")
        rollsBack = try value.requiredBool("auto_rollback")
        if let seconds = value["rollback_timeout_seconds"]?.double {
            // A `Duration` of more than 1.7e20 s is a trap; the hardware API's longest is a day.
            guard (0...Self.longestRollbackTimeout).contains(seconds) else {
                throw MessageError("rollback_timeout_seconds must be from 0 to \(Self.longestRollbackTimeout)")
            }
            rollbackTimeout = .seconds(seconds)
        }
        requestedBy = try value.requiredString("requested_by")
        requestedAt = try value.requiredTimestamp("requested_at")
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.member("id", id)
            writer.member("optimization_type", type)
            writer.member("host", host)
            writer.member("parameters", raw: parameters)
            writer.member("dry_run", isDryRun)
            writer.member("priority", priority)
            writer.member("auto_rollback", rollsBack)
            writer.member("rollback_timeout_seconds", rollbackTimeout.map { $0 / .seconds(1) })
            writer.member("requested_by", requestedBy)
            writer.member("requested_at", requestedAt)
        }
        return writer.bytes
    }
}

extension OptimizationRequest {
    static let schema = Schema.object(
        [
            .init("id", .uuid("Names the session everywhere.")),
            .init("optimization_type", .text("memory")),
            .init("host", .text("gpu-7", "The host that shall do it; null for a model.").nullable),
            .init("parameters", .map()),
            .init("dry_run", .flag(true, "Plan, measure and report, and change nothing.")),
            .init("priority", .words(["normal", "low", "high", "critical"])),
            .init("auto_rollback", .flag(true, "Undo what was changed when the result is worse than before.")),
            .init("rollback_timeout_seconds", .number(3600).nullable),
            .init("requested_by", .text("1", "The id of the principal.")),
            .init("requested_at", .time()),
        ], "One optimization to do."
    ).named("OptimizationRequest")
}
