internal import Contracts
internal import HTTPKit

/// The operations of `/api/v1/system`.
enum SystemOperations {
    static let hours = QueryParameter.number(
        "hours", "How far back, in hours.", default: 24, above: 0, atMost: 8760)

    static let stats = Operation(
        .GET, "/api/v1/system/stats", .system, "How busy a host is now", access: .permission("system:read"),
        parameters: [HostSelection.parameter.description],
        answers: [.json("Nine numbers; those of a GPU are 0 without one.", HostStats.currentSchema)],
        errors: HostSelection.errors)

    static let history = Operation(
        .GET, "/api/v1/system/stats/history", .system, "How busy a host was",
        explanation: "At most 1,000 records, the newest first: of seconds for the last hour, of minutes before.",
        access: .permission("system:read"), parameters: [hours.description, HostSelection.parameter.description],
        answers: [
            .json(
                "The records of the time asked for.",
                .object([
                    .init("stats", .array(HostStats.schema)),
                    .init("total_count", .integer(1, "How many records there are here.")),
                    .init(
                        "time_range",
                        .object([
                            .init("start", .naiveTime()), .init("end", .naiveTime()), .init("hours", .number(24)),
                        ])),
                ]))
        ], errors: HostSelection.errors)

    static let save = Operation(
        .POST, "/api/v1/system/stats/save", .system, "Takes a sample of a host now",
        explanation: "The host's worker takes one beside its regular ones, and every view gets it; its rates are over "
            + "200 ms. The answer comes when it is in the history.",
        access: .permission("system:configure"), parameters: [HostSelection.parameter.description],
        answers: [
            .json(
                "It is in `/api/v1/system/stats/history`.",
                .object([
                    .init("message", .text("System stats saved")), .init("host", .text("gpu-7")),
                    .init("timestamp", .naiveTime("Of the sample, as in the history.")),
                ]))
        ],
        errors: HostSelection.errors.merging([504: "The host's worker did not answer in time."]) { own, _ in own })
}
