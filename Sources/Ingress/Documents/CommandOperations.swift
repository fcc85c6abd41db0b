internal import Contracts
internal import HTTPKit

/// The operations of the device commands API.
enum CommandOperations {
    static let wait = QueryParameter.number(
        "wait", "Seconds to wait for an accepted command to come further.", default: 0, in: 0...60)

    private static let key = ParameterDescription(
        "Idempotency-Key", in: .header,
        .text("restart-pump-3-2026-11-21", "The same key with the same body is the same command.", length: 1...255))
    private static let prefer = ParameterDescription(
        "Prefer", in: .header, .text("respond-async", "`respond-async`: answer as soon as the command is durable."))
    private static let traceparent = ParameterDescription(
        "traceparent", in: .header,
        .text("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "W3C trace context; goes with the command."))

    private static let conflict = "The key was used for another command."

    private static let answer = Schema.object([
        .init("success", .flag(true)),
        .init("request_id", .text("01936b4e7c1d7b5a9d3e2f8a4c6e1b07")),
        .init("message", .text("Command published")),
        .init("timestamp", .time("When it was accepted.")),
        .init("status", .words(["published"] + CommandState.allCases.map(\.rawValue).filter { $0 != "published" })),
    ]).named("CommandAnswer")

    static let send = Operation(
        .POST, "/api/v1/commands", .commands, "Sends a command to a device",
        explanation: "Answers when Kafka has the command, or with 202 when that takes longer than "
            + "`COMMAND_ACK_TIMEOUT_MS`: it is durable then, and will be published.",
        access: .permission("commands:send"), parameters: [key, prefer, traceparent],
        // A single command's body (`shared/contracts/README.md`).
        body: BodyDescription(CommandRequest.schema, limit: 1 << 20),
        answers: [
            .json("It is known what became of it.", answer, headers: [replayed]),
            .json(
                status: 202, "It is durable.", answer,
                headers: [
                    ("Location", .text("/api/v1/commands/01936b4e7c1d7b5a9d3e2f8a4c6e1b07/status")), replayed,
                    ("Preference-Applied", .text("respond-async")),
                ]),
        ], errors: [409: conflict])

    private static let replayed = (
        name: "Idempotency-Replayed", schema: Schema.text("true", "The command was sent before.")
    )

    private static let batchAnswer = Schema.object([
        .init("total_commands", .integer(1)), .init("successful", .integer(1)), .init("failed", .integer(0)),
        .init(
            "results",
            .array(
                .object([
                    .init("success", .flag(true)), .init("request_id", .text("01936b4e7c1d7b5a9d3e2f8a4c6e0000")),
                    .init("message", .text("Command accepted; it will be published")), .init("timestamp", .time()),
                    .init("status", .words(CommandState.allCases.map(\.rawValue) + ["conflict"])),
                ]), "In the order of the commands.")),
    ]).named("CommandBatchAnswer")

    static let sendBatch = Operation(
        .POST, "/api/v1/commands/batch", .commands, "Sends up to \(CommandRequest.maximumBatch) commands",
        explanation: "Answers when they are durable. One that is not valid refuses them all.",
        access: .permission("commands:send"), parameters: [key, traceparent],
        // 10,000 commands of 1.6 KB.
        body: BodyDescription(CommandRequest.batchSchema, limit: 16 << 20),
        answers: [
            .json("All are durable.", batchAnswer), .json(status: 207, "Some are not; each says why.", batchAnswer),
        ])

    private static let name: [Schema.Property] = [
        .init("request_id", .text("01936b4e7c1d7b5a9d3e2f8a4c6e1b07")),
        .init("device_id", .text("sensor-17")),
        .init("command_type", .text("reboot")),
        .init("status", .words(CommandState.allCases.map(\.rawValue))),
        .init("timestamp", .time("When it came to be so.").nullable),
    ]

    private static let evidence: [Schema.Property] = [
        .init("kafka", .object(CommandTransition.Evidence.recordMembers).nullable),
        .init("expires_at", .time().nullable),
        .init("error", .text("not published before its expiry").nullable),
    ]

    static let device = QueryParameter.text("device_id", "Only those for this device.", example: "sensor-17")
    static let type = QueryParameter.text("command_type", "Only those of this type.", example: "reboot")
    static let state = QueryParameter.word(
        "status", "Only those that were recorded so: one that is `accepted` may have outlived its expiry.",
        of: CommandState.allCases.map(\.rawValue))
    static let since = QueryParameter.time("since", "Not accepted before.")
    static let until = QueryParameter.time("until", "Not accepted after.")
    static let limit = QueryParameter.int("limit", "Commands of an answer.", default: 50, in: 1...1000)
    static let cursor = QueryParameter.cursor("cursor", "The `next_cursor` of the page before.")

    static let list = Operation(
        .GET, "/api/v1/commands", .commands, "The commands of the last 7 days, the newest first",
        explanation: "A page may be shorter than `limit`, or empty, and not be the last: the commands have all been "
            + "listed when `next_cursor` is null. One that is published between two pages may be on both.",
        access: .permission("commands:read"),
        parameters: [
            device.description, state.description, type.description, since.description, until.description,
            limit.description, cursor.description,
        ],
        answers: [
            .json(
                "Those that match.",
                .object([
                    .init(
                        "commands",
                        .array(
                            .object(name + [.init("accepted_at", .time())] + evidence).named("ListedCommand"))),
                    .init("next_cursor", .text("t1763771000000000x").nullable),
                ]))
        ])

    private static let known = Schema.object(
        name + [.init("history", .array(CommandTransition.schema))] + evidence
    ).named("CommandStatus")

    static let cancel = Operation(
        .DELETE, "/api/v1/commands/{request_id}", .commands, "Asks that a command is not published",
        explanation: "The pusher decides, and the answer waits for it up to `COMMAND_ACK_TIMEOUT_MS`.",
        access: .permission("commands:send"),
        answers: [
            .json("It is cancelled, and will not be published.", known),
            .json(
                status: 202,
                "The wish is durable, and not decided yet: no pusher runs, or it waits for Kafka, or the command is a "
                    + "dead letter.", known),
        ],
        errors: [
            404: "There is no such command, or it is older than 7 days.",
            409: "It was published, or has ended; `details` is its status.",
        ])

    static let status = Operation(
        .GET, "/api/v1/commands/{request_id}/status", .commands, "What became of a command",
        explanation: "Known for 7 days.", access: .permission("commands:read"), parameters: [wait.description],
        answers: [.json("Its state, and what led there.", known)],
        errors: [404: "There is no such command, or it is older than 7 days."])

    private static let metrics = Schema.object([
        .init("commands_sent_total", .integer(1)),
        .init("commands_failed_total", .integer(0)),
        .init("uptime_seconds", .number(86_400.5)),
        .init("kafka_connected", .flag(true)),
        .init("last_error", .text("unavailable").nullable),
        .init("last_error_time", .time().nullable),
    ]).named("CommandMetrics")

    static let serviceStatus = Operation(
        .GET, "/api/v1/status", .commands, "How the commands service stands", access: .permission("commands:read"),
        answers: [
            .json(
                "As it is now.",
                .object([
                    .init("service", .words(["flotilla"])), .init("version", .text("1.0.0")),
                    .init("environment", .text("production")), .init("kafka_connected", .flag(true)),
                    .init("uptime", .text("2 hours, 30 minutes")), .init("metrics", metrics),
                ]))
        ])

    static let serviceMetrics = Operation(
        .GET, "/api/v1/metrics", .commands, "The figures of the commands service",
        access: .permission("commands:read"), answers: [.json("Since the ingress started.", metrics)])

    static let health = Operation(
        .GET, "/api/v1/health", .commands, "Whether the commands service lives", access: .openWithDetails,
        answers: [
            .json(
                "It does.",
                HealthSchemas.status.adding([
                    .init("service", .words(["flotilla"]), isRequired: false),
                    .init("version", .text("1.0.0"), isRequired: false),
                    .init("kafka_connected", .flag(true).nullable, isRequired: false),
                    .init("uptime_seconds", .number(86_400.5), isRequired: false),
                ]))
        ])
}
