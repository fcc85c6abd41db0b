internal import Contracts
internal import HTTPKit

/// The operations of `/api/v1/commands/dead-letters`.
enum DeadLetterOperations {
    static let after = QueryParameter.optionalInt(
        "after", "The `next_after` of the page before.", example: 17, in: Int.min...Int.max)
    static let limit = QueryParameter.int("limit", "Dead letters of an answer.", default: 20, in: 1...100)

    private static let path = "/api/v1/commands/dead-letters"
    private static let unknown = "There is no such dead letter: it was replayed or dropped, or never there."

    static let list = Operation(
        .GET, path, .commands, "The jobs that no pusher will be given again, in the order they died",
        explanation: "A job holds up to \(CommandEnvelope.maximumPerJob) commands, of which the first "
            + "\(CommandDeadLetters.named) are named.",
        access: .permission("commands:read"), parameters: [after.description, limit.description],
        answers: [
            .json(
                "Those that are there.",
                .object([
                    .init(
                        "dead_letters",
                        .array(
                            .object([
                                .init("id", .integer(17)),
                                .init("message_id", .text("01936b4e-7c1d-7b5a-9d3e-2f8a4c6e1b07")),
                                .init("reason", .text("attempts exhausted: lease expired")),
                                .init("attempts", .integer(10, "How often it was given to a pusher.")),
                                .init("enqueued_at", .time()), .init("died_at", .time()),
                                .init(
                                    "command_count", .integer(1, "Null for a job that cannot be read.").nullable),
                                .init(
                                    "commands",
                                    .array(
                                        .object([
                                            .init("request_id", .text("01936b4e7c1d7b5a9d3e2f8a4c6e1b07")),
                                            .init("device_id", .text("sensor-17")),
                                            .init("command_type", .text("reboot")),
                                        ]))),
                            ]).named("DeadLetter"))),
                    .init("next_after", .integer(17, "Null when there are no more.").nullable),
                ]))
        ])

    static let replay = Operation(
        .POST, path + "/{dead_letter_id}/replay", .commands, "Puts a dead letter back at the end of the queue",
        explanation: "Its attempts start again at 1. Commands of it that were published are not published again, and "
            + "those whose time is over expire.",
        access: .permission("fleet:admin"),
        answers: [.json("It is in the queue.", .object([.init("id", .integer(17)), .init("replayed", .flag(true))]))],
        errors: [404: unknown])

    static let drop = Operation(
        .DELETE, path + "/{dead_letter_id}", .commands, "Deletes a dead letter for good",
        access: .permission("fleet:admin"),
        answers: [.json("It is gone.", .object([.init("id", .integer(17)), .init("dropped", .flag(true))]))],
        errors: [404: unknown])
}
