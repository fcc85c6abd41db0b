internal import Contracts
internal import HTTPKit

/// The operations of `/api/v1/hosts`.
enum HostOperations {
    static let state = QueryParameter.word("state", "Only those.", of: HostChange.State.allCases.map(\.rawValue))
    static let pattern = QueryParameter.pattern(
        "filter_pattern", "Only those in whose name this regular expression is found; RE2's syntax.",
        example: "^gpu-")
    static let order = QueryParameter.word(
        "sort_by", "By name where it is left out; by a figure the greatest first.",
        of: HostSummary.Order.allCases.map(\.rawValue))
    static let limit = QueryParameter.int("limit", "Hosts of an answer.", default: 1000, in: 1...10_000)
    static let skip = QueryParameter.int("skip", "Hosts to leave out.", default: 0, in: 0...Int.max)

    static let list = Operation(
        .GET, "/api/v1/hosts", .hardware, "The hosts of the fleet and how they stand",
        explanation: "A host that has been silent for three of its intervals is `stale`, after `HOST_DOWN_SECONDS` it "
            + "is `down`; the figures are its last ones.",
        access: .permission("hardware:monitor"),
        parameters: [
            state.description, pattern.description, order.description, limit.description, skip.description,
        ],
        answers: [
            .json(
                "The hosts that match.",
                .object([
                    .init("hosts", .array(HostSummary.schema)),
                    .init("total", .integer(1, "How many match in all.", in: 0...Int.max)),
                    .init(
                        "counts",
                        .object(
                            HostChange.State.allCases.map { .init($0.rawValue, .integer(0, in: 0...Int.max)) },
                            "Of the whole fleet.")),
                    .init("limit", .integer(1000)), .init("skip", .integer(0)),
                ]))
        ])
}
