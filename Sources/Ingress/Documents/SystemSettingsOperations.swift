internal import Contracts
internal import HTTPKit

/// The operations of `/api/v1/system` that judge a host and change how.
enum SystemSettingsOperations {
    private static let badConstraint = "There is no constraint of this name, or the value is out of its range."

    static let settings = Operation(
        .GET, "/api/v1/system/optimization", .system, "How generations use the memory of the GPU",
        access: .permission("system:read"),
        answers: [.json("The settings.", GenerationSettings.schema, headers: [VersionPrecondition.entityTag])])

    static let changeSettings = Operation(
        .POST, "/api/v1/system/optimization", .system, "Changes how generations use the memory of the GPU",
        explanation: "What is left out is reset to its default. The setting is the whole fleet's.",
        access: .permission("system:configure"),
        parameters: [HostSelection.parameter.description, VersionPrecondition.parameter],
        body: BodyDescription(GenerationSettings.bodySchema),
        answers: [
            .json(
                "They are changed.",
                .object([
                    .init("message", .text("Optimization settings updated")),
                    .init("current_vram_usage_gb", .number(0, "GiB, with two decimals.")),
                    .init("estimated_vram_savings_gb", .number(6, "GiB, with one decimal.")),
                    .init("basis", .words(["constants"]), isRequired: true),
                    .init("recommendations", .array(.text("Use bf16 or int8."), "For the host that was asked about.")),
                ]), headers: [VersionPrecondition.entityTag])
        ], errors: [409: VersionPrecondition.conflict].merging(HostSelection.errors) { first, _ in first })

    static let constraints = Operation(
        .GET, "/api/v1/system/constraints", .system, "From where on a host counts as busy",
        access: .permission("system:read"),
        answers: [
            .json(
                "The constraints, and what they mean.",
                .object([
                    .init("constraints", SystemConstraints.schema),
                    .init(
                        "description",
                        .object(SystemConstraints.descriptions.map { .init($0.name, .text($0.text)) })),
                ]), headers: [VersionPrecondition.entityTag])
        ])

    static let changeConstraints = Operation(
        .POST, "/api/v1/system/constraints", .system, "Changes from where on a host counts as busy",
        explanation: "Any of them; all are taken, or none. The setting is the whole fleet's.",
        access: .permission("system:configure"), parameters: [VersionPrecondition.parameter],
        body: BodyDescription(SystemConstraints.changeSchema),
        answers: [
            .json(
                "They are changed.",
                .object([
                    .init("message", .text("Resource constraints updated")),
                    .init("updated_constraints", SystemConstraints.schema),
                ]), headers: [VersionPrecondition.entityTag])
        ], errors: [400: badConstraint, 409: VersionPrecondition.conflict])

    static let health = Operation(
        .GET, "/api/v1/system/health", .system, "How a host stands against the constraints",
        access: .permission("system:read"), parameters: [HostSelection.parameter.description],
        answers: [
            .json(
                "Also when it does not stand well.",
                .object([
                    .init("status", .words(SystemHealth.Status.allCases.map(\.rawValue))),
                    .init("message", .text("All resources are within their limits")),
                    .init("timestamp", .naiveTime("Of the sample; UTC, without a zone.")),
                    .init(
                        "system_info",
                        .object([
                            .init("cpu_percent", .percent(12.5)), .init("ram_percent", .percent(75)),
                            .init("vram_percent", .percent(0)),
                            .init("issues", .array(.text("High CPU usage: 97.5 %"))),
                            .init("warnings", .array(.text("High VRAM usage: 90.1 %"))),
                            .init("recommendations", .array(.text("Use int8 weights."))),
                            .init("resource_constraints", SystemConstraints.schema),
                        ])),
                ]))
        ], errors: HostSelection.errors)

    static let resourceCheck = Operation(
        .GET, "/api/v1/system/resource-check", .system, "Whether a host has room for another generation",
        access: .permission("system:read"), parameters: [HostSelection.parameter.description],
        answers: [
            .json(
                "Whether it has, and why not.",
                .object([
                    .init("can_start_generation", .flag(true)),
                    .init(
                        "resource_status",
                        .object([
                            .init("vram_available", .flag(true)), .init("cpu_available", .flag(true)),
                            .init("ram_available", .flag(true)),
                            .init("sessions_available", .flag(true, "Whether fewer model sessions run than may.")),
                        ])),
                    .init(
                        "current_usage",
                        .object([
                            .init("vram_percent", .percent(0)), .init("cpu_percent", .percent(12.5)),
                            .init("ram_percent", .percent(75)),
                        ])),
                    .init("blocking_issues", .array(.text("RAM usage too high: 93.2 %"))),
                    .init("message", .text("Another generation can start")),
                ]))
        ], errors: HostSelection.errors)
}
