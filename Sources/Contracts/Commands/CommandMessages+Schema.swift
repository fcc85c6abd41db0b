/// What the messages of commands are, for the document.
extension CommandTransition {
    package static let schema = Schema.object(
        [
            .init("status", .words(CommandState.allCases.map(\.rawValue))),
            .init("at", .time()),
            .init("evidence", Evidence.schema),
        ], "One step of a command, with what proves it."
    ).named("CommandTransition")
}

extension CommandTransition.Evidence {
    /// Where a record is.
    package static let recordMembers: [Schema.Property] = [
        .init("topic", .text(StreamNames.deviceCommands)),
        .init("partition", .integer(0)),
        .init("offset", .integer(4711)),
    ]

    static let schema = Schema.alternatives(
        [
            .object(
                [
                    .init("queue", .text(StreamNames.commandRequests)),
                    .init("message_id", .text("01936b4e-7c1d-7b5a-9d3e-2f8a4c6e1b07")),
                ], "The job that holds it."),
            .object(recordMembers, "The record that holds it."),
            .object(
                recordMembers + [.init("feedback", .text("success", "The device's word."))], "The device's own record."),
            .object(DeviceDelivery.members, "How a connector reached the device, or did not."),
            .object(
                [.init("cancelled_by", .text("alice")), .init("requested_at", .time())],
                "Who asked that there is no record."),
            .object([.init("reason", .text("not published before its expiry"))], "Why there is no record."),
        ])
}

extension CommandStatus {
    static let schema = Schema.object(
        [
            .init("request_id", .text("01936b4e7c1d7b5a9d3e2f8a4c6e1b07")),
            .init("device_id", .text("sensor-17")),
            .init("command_type", .text("reboot")),
            .init("protocol", .words(["mqtt", "coap"])),
            .init(
                "fingerprint", .text("5f2b0c", "What a repeated key's body is compared by."), isRequired: false),
            .init("expires_at", .time().nullable),
            .init("history", .array(CommandTransition.schema, count: 1...Int.max)),
        ], "What is known of a command."
    ).named("CommandStatus")
}

extension CommandEnvelope {
    static let schema = Schema.object(
        [
            .init("accepted_at", .integer(1_763_721_000_250_000, "Microseconds since 1970.")),
            .init("expires_at", .integer(1_763_807_400_250_000, "Microseconds since 1970."), isRequired: false),
            .init(
                "fingerprint", .text("5f2b0c", "What a repeated key's body is compared by."), isRequired: false),
            .init("record", CommandRecord.schema),
        ], "One accepted command; the record is last."
    ).named("CommandEnvelope")
}

extension CommandRecord {
    static let schema = Schema.object(
        [
            .init("request_id", .text("01936b4e7c1d7b5a9d3e2f8a4c6e1b07")),
            .init("timestamp", .naiveTime()),
            .init("device_id", .text("sensor-17")),
            .init("command_type", .text("reboot")),
            .init("payload", .map()),
            .init("protocol", .words(["mqtt", "coap"])),
            .init("parser_script_ref", .text("parser.py").nullable),
            .init("metadata", .map().nullable),
            .init("qos", .integer(1, in: 0...2).nullable),
            .init("retain", .flag(false).nullable),
            .init("confirmable", .flag(true).nullable),
            .init("priority", .integer(5).nullable),
            .init("expires_at", .text("2026-11-22T10:30:00+00:00", "As the client wrote it.").nullable),
        ], "The record that connectors read."
    ).named("DeviceCommandRecord")

    static let headerSchema: [Schema.Property] = [
        .init(requestIDHeader, .text("01936b4e7c1d7b5a9d3e2f8a4c6e1b07")),
        .init(expiresAtHeader, .time("It must not be delivered after this."), isRequired: false),
        .init("ce_specversion", .words(["1.0"])),
        .init("ce_id", .text("01936b4e7c1d7b5a9d3e2f8a4c6e1b07")),
        .init("ce_source", .words(["/flotilla/commands"])),
        .init(typeHeader, .words([eventType])),
        .init("ce_time", .time()),
        .init("content-type", .words(["application/json"])),
    ]
}

extension CommandFeedback {
    static let schema = Schema.object(
        [
            .init("command_type", .words(["feedback"])),
            .init("request_id", .text("01936b4e7c1d7b5a9d3e2f8a4c6e1b07", "The command's."), isRequired: false),
            .init(
                "payload",
                .map(
                    .anything(), "`status`: `success` or 1, anything else is a refusal.",
                    example: #"{"status":"success"}"#), isRequired: false),
        ], "A device's answer; the request id stands on top or in the payload.", others: .allowed
    ).named("DeviceFeedbackRecord")
}

extension AcceptedBatch {
    static let schema = Schema.object(
        [
            .init("batch", .text("01936b4e7c1d7b5a9d3e2f8a4c6e0000", "The first characters of every id.")),
            .init("first", .integer(0, "The place in the batch of the first command.")),
            .init("accepted_at", .time()),
            .init("queue", .text(StreamNames.commandRequests)),
            .init("message_id", .text("01936b4e-7c1d-7b5a-9d3e-2f8a4c6e1b07")),
            .init(
                "commands",
                .array(
                    .tuple(
                        [
                            .text("sensor-17", "Device."), .text("reboot", "Type."), .words(["mqtt", "coap"]),
                            .integer(1_763_807_400_250_000, "Expiry in microseconds since 1970.").nullable,
                        ], "One command; null for one with a line of its own."
                    ).nullable)),
        ]
    ).named("AcceptedBatch")
}

extension PublishedCommands {
    static let schema = Schema.object(
        [
            .init("published_at", .time()),
            .init("topic", .text(StreamNames.deviceCommands)),
            .init("queue", .text(StreamNames.commandRequests)),
            .init("message_id", .text("01936b4e-7c1d-7b5a-9d3e-2f8a4c6e1b07")),
            .init(
                "commands",
                .array(
                    .tuple([
                        .text("01936b4e7c1d7b5a9d3e2f8a4c6e1b07", "Request id."), .text("sensor-17", "Device."),
                        .text("reboot", "Type."), .words(["mqtt", "coap"]), .text("5f2b0c", "Fingerprint.").nullable,
                        .integer(1_763_721_000_250_000, "Accepted, in microseconds since 1970."),
                        .integer(1_763_807_400_250_000, "Expiry, in microseconds since 1970.").nullable,
                        .integer(0, "Partition."), .integer(4711, "Offset."),
                    ]))),
        ]
    ).named("PublishedCommands")
}

extension CommandRequest {
    /// The body of `POST /api/v1/commands`.
    package static let schema = Schema.object(
        [
            .init("device_id", .text("sensor-17", length: 1...255)),
            .init("command_type", .text("reboot", "Anything but `feedback`.")),
            .init("payload", .map(.anything(), "What the device gets.", example: #"{"delay_seconds":5}"#)),
            .init("protocol", .words(["mqtt", "coap"])),
            .init(
                "request_id",
                .text("pump-3-restart-7", "Your own id; the same again is the same command.", length: 1...255).nullable,
                isRequired: false),
            .init("timestamp", .time("When you made it; now, if left out."), isRequired: false),
            .init(
                "metadata",
                .object(
                    [
                        .init("mqtt_topic", .text("devices/sensor-17/commands"), isRequired: false),
                        .init("topic", .text("devices/sensor-17/commands"), isRequired: false),
                    ], "A topic to publish to has no wildcards; other members are passed on.", others: .allowed
                ).nullable, isRequired: false),
            .init("priority", .integer(5).nullable, isRequired: false),
            .init(
                "expires_at",
                .text(
                    "2126-11-21T10:30:00Z", "It is not published after this; in the future.", format: "date-time"
                ).nullable, isRequired: false),
            .init(
                "parser_script_ref",
                .text("parser.py", "The name of a `.py` file, without a path.", length: 4...255).nullable,
                isRequired: false),
            .init("qos", .integer(1, "Of MQTT.", in: 0...2).nullable, isRequired: false),
            .init("retain", .flag(false, "Of MQTT.").nullable, isRequired: false),
            .init("confirmable", .flag(true, "Of CoAP.").nullable, isRequired: false),
        ], "A command to a device.", others: .refused
    ).showing(
        #"{"device_id":"sensor-17","command_type":"reboot","payload":{"delay_seconds":5},"protocol":"mqtt"}"#
    ).named("DeviceCommand")

    /// The body of `POST /api/v1/commands/batch`.
    package static let batchSchema = Schema.object(
        [.init("commands", .array(schema, "All or none are taken.", count: 1...maximumBatch))], others: .refused
    ).named("DeviceCommandBatch")
}
