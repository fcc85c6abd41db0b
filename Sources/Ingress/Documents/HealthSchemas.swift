internal import Contracts

/// What the health answers hold, for the document.
enum HealthSchemas {
    static let status = Schema.object([
        .init("status", .words(["healthy"])), .init("timestamp", .time()),
    ])

    static let details = status.adding([
        .init("version", .text("1.0.0"), isRequired: false),
        .init("host", .text("gpu-7", "The ingress's host."), isRequired: false),
        .init("uptime_seconds", .number(86_400.5), isRequired: false),
        .init("ready", .flag(true), isRequired: false),
        .init(
            "projections",
            .array(
                .object([
                    .init("projection", .text("commands")), .init("source", .text("device_command_status")),
                    .init("caught_up", .flag(true)),
                ])), isRequired: false),
        .init("hosts", .integer(1, "How many hosts are known."), isRequired: false),
        .init("bus", bus.nullable, isRequired: false),
    ]).named("Health")

    static let readiness = Schema.object([
        .init("status", .words(["ready", "catching_up", "bus_not_ready", "stopping"])), .init("timestamp", .time()),
    ]).named("Readiness")

    static let hardware = Schema.object([
        .init("status", .words(["healthy"])),
        .init("agent", .words(["hardware-resource-optimizer"])),
        .init("timestamp", .time()),
        .init("version", .text("1.0.0").nullable),
        .init("description", .text("Watches and optimizes the hosts of a fleet")),
        .init("docker_available", .flag(true).nullable),
        .init(
            "system_status",
            .object([
                .init("cpu_percent", .percent(12.5).nullable), .init("memory_percent", .percent(75).nullable),
                .init("disk_percent", .percent(40).nullable),
            ]).nullable),
        .init("uptime_seconds", .number(86_400.5).nullable),
        .init("last_optimization", .time().nullable),
        .init("active_optimizations", .integer(0)),
        .init(
            "system_health_score",
            .percent(25, "100 less the fullest of processor, memory and disk; null while one is unknown.").nullable),
    ]).named("HardwareStatus")

    static let router = Schema.object([
        .init("status", .words(["healthy"])),
        .init("timestamp", .time()),
        .init("router_version", .text("1.0.0")),
        .init("client_initialized", .flag(true)),
        .init("cache_functional", .flag(true)),
        .init("hardware_service_url", .text("http://127.0.0.1:8000", "Null: the workers are on the bus.").nullable),
        .init(
            "configuration",
            .object([
                .init("timeout", .integer(30)), .init("cache_ttl", .integer(0)), .init("max_retries", .integer(0)),
            ])),
    ]).named("RouterHealth")

    private static let bus = Schema.object([
        .init("ready", .flag(true)),
        .init("problems", .array(.text("kafka: disconnected"))),
        .init(
            "ports",
            .array(
                .object([
                    .init("port", .text("log", "The part of the bus.")),
                    .init("transport", .text("embedded")),
                    .init("state", .text("connected")),
                    .init("reason", .text("connection refused").nullable),
                    .init("since", .time().nullable),
                    .init("consumers", .array(consumer)),
                    .init("producers", .array(producer)),
                ]))),
    ]).named("BusHealth")

    private static let consumer = Schema.object([
        .init("source", .text("command.requests")),
        .init("group", .text("pusher").nullable),
        .init("unsettled", .integer(0)),
        .init("oldest_unsettled_seconds", .number(0.5).nullable),
        .init("lag", .integer(0).nullable),
        .init("since_progress_seconds", .number(0.5)),
        .init("stuck", .flag(false)),
    ])

    private static let producer = Schema.object([
        .init("target", .text("device_commands")),
        .init("waiting", .integer(0)),
        .init("oldest_waiting_seconds", .number(0.5).nullable),
        .init("since_success_seconds", .number(0.5).nullable),
        .init("stuck", .flag(false)),
    ])
}
