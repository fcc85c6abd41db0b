package import Runtime

/// How an optimization stands or ended, with the fields that the hardware API's clients read.
package struct OptimizationResult: Sendable, Hashable {
    /// The request's id.
    package var taskID: String
    package var status: Status
    package var type: String
    package var startedAt: Timestamp
    package var completedAt: Timestamp?
    /// Seconds.
    package var duration: Double?
    /// One honest line for each change.
    package var changes: [String]
    /// A JSON object of names and numbers.
    package var performanceImpact: [UInt8]?
    /// A JSON object: how to undo it.
    package var rollback: [UInt8]?
    package var isDryRun: Bool
    package var errorMessage: String?
    /// A JSON object with what only this optimization reports; not part of the hardware API's result.
    package var report: [UInt8]?

    /// The words of the hardware API.
    package enum Status: String, Sendable, CaseIterable {
        case running, completed, failed, cancelled

        package var isFinal: Bool { self != .running }
    }

    package init(
        taskID: String, status: Status, type: String, startedAt: Timestamp, completedAt: Timestamp? = nil,
        duration: Double? = nil, changes: [String] = [], performanceImpact: [UInt8]? = nil, rollback: [UInt8]? = nil,
        isDryRun: Bool, errorMessage: String? = nil, report: [UInt8]? = nil
    ) {
        self.taskID = taskID
        self.status = status
        self.type = type
        self.startedAt = startedAt
        self.completedAt = completedAt
        self.duration = duration
        self.changes = changes
        self.performanceImpact = performanceImpact
        self.rollback = rollback
        self.isDryRun = isDryRun
        self.errorMessage = errorMessage
        self.report = report
    }

    package init(json: [UInt8]) throws {
        try self.init(JSONDocument(parsing: json).root)
    }

    package init(_ value: JSONValue) throws(MessageError) {
        taskID = try value.requiredString("task_id")
        status = try value.required("status", "a status") { $0.string.flatMap(Status.init(rawValue:)) }
        type = try value.requiredString("optimization_type")
        startedAt = try value.requiredTimestamp("started_at")
        completedAt = value["completed_at"]?.timestamp
        duration = value["duration_seconds"]?.double
        changes = try value.requiredArray("changes_applied").elements.compactMap(\.string)
        performanceImpact = value.object("performance_impact")
        rollback = value.object("rollback_info")
        isDryRun = try value.requiredBool("dry_run")
        errorMessage = value["error_message"]?.string
        report = value.object("report")
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writeMembers(to: &writer)
            if let report { writer.member("report", raw: report) }
        }
        return writer.bytes
    }

    /// The members of the hardware API's `OptimizationResult`, all present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("task_id", taskID)
        writer.member("status", status.rawValue)
        writer.member("optimization_type", type)
        writer.member("started_at", startedAt)
        writer.member("completed_at", completedAt)
        writer.member("duration_seconds", duration)
        writer.member("changes_applied", changes)
        writer.member("performance_impact", raw: performanceImpact)
        writer.member("rollback_info", raw: rollback)
        writer.member("dry_run", isDryRun)
        writer.member("error_message", errorMessage)
    }
}

extension JSONValue {
    fileprivate func object(_ name: String) -> [UInt8]? {
        self[name].flatMap { $0.kind == .object ? $0.minified : nil }
    }
}

extension OptimizationResult {
    /// The members that `writeMembers` writes.
    package static let members: [Schema.Property] = [
        .init("task_id", .text("01936b4e-7c1d-7b5a-9d3e-2f8a4c6e1b07")),
        .init("status", .words(Status.allCases.map(\.rawValue))),
        .init("optimization_type", .text("memory")),
        .init("started_at", .time()),
        .init("completed_at", .time().nullable),
        .init("duration_seconds", .number(1.25).nullable),
        .init("changes_applied", .array(.text("Compacted memory"), "One line for each change.")),
        .init("performance_impact", .map(.anything(), "Names and numbers, measured.").nullable),
        .init("rollback_info", .map(.anything(), "How to undo it.").nullable),
        .init("dry_run", .flag(true, "Whether nothing was changed.")),
        .init("error_message", .text("the host ran out of memory").nullable),
    ]
}
