internal import Contracts
internal import HTTPKit
internal import Runtime

extension OptimizationRequest {
    /// The types of the hardware API.
    private static let types = [
        "memory", "disk", "cpu", "network", "power", "thermal", "processes", "services", "startup", "full_system",
    ]
    /// Those that a host's worker carries out.
    private static let offered: Set = ["memory", "disk"]
    private static let priorities = ["low", "normal", "high", "critical"]

    private static let typeField = BodyField.word(
        "optimization_type", "The workers offer `memory` and `disk` so far; another is 422.", of: types)
    private static let parametersField = BodyField.object(
        "parameters", "What the type takes.", example: "{}")
    private static let priorityField = BodyField.word(
        "priority", "Without effect yet.", default: "normal", of: priorities)
    private static let dryRunField = BodyField.flag(
        "dry_run", "Plan, measure and report, and change nothing.", default: true)
    private static let rollbackField = BodyField.flag("auto_rollback", "Without effect yet.", default: true)
    private static let rollbackTimeoutField = BodyField.int(
        "rollback_timeout_minutes", "Without effect yet.", default: 60, in: 5...1440)

    /// The body of `POST /api/v1/hardware/optimize`.
    static let bodySchema = Schema.object([
        typeField.property, parametersField.property, priorityField.property, dryRunField.property,
        rollbackField.property, rollbackTimeoutField.property,
    ]).named("OptimizationRequest")

    /// Reads the body of `POST /api/v1/hardware/optimize`; a dry run unless it says otherwise.
    /// - Throws: 422 with every fault.
    init(_ body: JSONDocument?, host: String, by principal: Principal, now: Timestamp) throws(HTTPError) {
        var reader = try BodyReader(body)
        let type = reader.value(Self.typeField)
        if Self.types.contains(type), !Self.offered.contains(type) {
            reader.fail(
                "value_error", "optimization_type",
                "The worker of this host does not offer '\(type)'; it offers 'disk' and 'memory'")
        }
        let parameters = reader.value(Self.parametersField)
        let priority = reader.value(Self.priorityField)
        let isDryRun = reader.value(Self.dryRunField)
        let rollsBack = reader.value(Self.rollbackField)
        let minutes = reader.value(Self.rollbackTimeoutField)
        try reader.finish()
        self.init(
            id: SecureRandom.uuid(), type: type, host: host, parameters: parameters, isDryRun: isDryRun,
            priority: priority, rollsBack: rollsBack, rollbackTimeout: .seconds(minutes * 60),
            requestedBy: principal.id, requestedAt: now)
    }
}
