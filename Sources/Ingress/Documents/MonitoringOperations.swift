internal import Contracts
internal import HTTPKit

/// The operations of `/api/v1/hardware/monitoring/config`.
enum MonitoringOperations {
    static let path = "/api/v1/hardware/monitoring/config"
    static let configure = "hardware:configure"

    static let config = Operation(
        .GET, path, .hardware, "How the hosts are watched, and who is told of alerts",
        explanation: "The whole fleet's: there is no `host=`.",
        access: .permission("hardware:monitor"),
        answers: [
            .json(
                "What is in effect.",
                MonitoringAnswer.schema.adding([
                    .init("accessed_by", .text("alice")), .init("accessed_at", .time()),
                ]).named("MonitoringConfigAnswer"), headers: [VersionPrecondition.entityTag])
        ])

    static let change = Operation(
        .POST, path, .hardware, "Changes how the hosts are watched, and who is told of alerts",
        explanation:
            "What is left out is reset to its default. The workers do so within moments, without a restart. The "
            + "setting is the whole fleet's: there is no `host=`.",
        access: .permission(configure), parameters: [VersionPrecondition.parameter],
        body: BodyDescription(MonitoringSettings.bodySchema),
        answers: [
            .json(
                "It is changed.",
                MonitoringAnswer.schema.adding([
                    .init("cache_cleared", .flag(true)), .init("updated_by", .text("alice")),
                ]).named("MonitoringConfigChanged"), headers: [VersionPrecondition.entityTag])
        ],
        errors: [
            400: "A webhook is no http or https URL, or its host is a private address.",
            409: VersionPrecondition.conflict,
        ])
}
