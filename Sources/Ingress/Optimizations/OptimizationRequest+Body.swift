internal import Contracts
internal import HTTPKit
internal import Runtime

extension OptimizationRequest {
    /// The types of the hardware API.
    private static let types = [
        "cpu", "memory", "disk", "network", "power", "thermal", "processes", "services", "startup", "full_system",
    ]
    /// Those that a host's worker carries out.
    private static let offered: Set = ["memory", "disk"]
    private static let priorities = ["low", "normal", "high", "critical"]

    /// Reads the body of `POST /api/v1/hardware/optimize`; a dry run unless it says otherwise.
    /// - Throws: 422 with every fault.
    init(_ body: JSONDocument?, host: String, by principal: Principal, now: Timestamp) throws(HTTPError) {
        var reader = try BodyReader(body)
        let type = reader.requiredWord("optimization_type", of: Self.types)
        if Self.types.contains(type), !Self.offered.contains(type) {
            reader.fail(
                "value_error", "optimization_type",
                "The worker of this host does not offer '\(type)'; it offers 'disk' and 'memory'")
        }
        let parameters = reader.object("parameters")
        let priority = reader.word("priority", default: "normal", of: Self.priorities)
        let isDryRun = reader.bool("dry_run", default: true)
        let rollsBack = reader.bool("auto_rollback", default: true)
        let minutes = reader.int("rollback_timeout_minutes", default: 60, in: 5...1440)
        try reader.finish()
        self.init(
            id: SecureRandom.uuid(), type: type, host: host, parameters: parameters, isDryRun: isDryRun,
            priority: priority, rollsBack: rollsBack, rollbackTimeout: .seconds(minutes * 60),
            requestedBy: principal.id, requestedAt: now)
    }
}
