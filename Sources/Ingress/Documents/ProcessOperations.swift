internal import Contracts
internal import HTTPKit

/// The operations of `/api/v1/hardware/processes`.
enum ProcessOperations {
    static let order = QueryParameter.word(
        "sort_by", "`cpu` and `memory`: the largest first; `cpu` where it is left out.",
        of: ProcessQuery.Order.allCases.map(\.rawValue))
    static let limit = QueryParameter.int(
        "limit", "Processes of an answer.", default: 50, in: ProcessQuery.limits)
    static let pattern = QueryParameter.pattern(
        "filter_pattern",
        "Only those in whose name or command line this regular expression is found; RE2's syntax, case counts unless it "
            + "begins with `(?i)`.", example: "^python")
    static let minimumCPU = QueryParameter.number(
        "min_cpu_percent", "Only those with at least this share of one processor.", example: 1, in: 0...100)
    static let minimumMemory = QueryParameter.number(
        "min_memory_mb", "Only those with at least so many MiB resident.", example: 10, in: 0...1e12)

    static let list = Operation(
        .GET, "/api/v1/hardware/processes", .hardware, "The processes of a host",
        explanation: "The host is asked, and answers as of now. Shares of processors are over the time since its last "
            + "answer, up to 10 s; the first in a while takes two readings, 200 ms apart.",
        access: .permission("hardware:monitor"),
        parameters: [
            HostSelection.parameter.description, order.description, limit.description, pattern.description,
            minimumCPU.description, minimumMemory.description,
        ],
        answers: [.json("Unknown is null.", .array(ProcessInfo.schema))],
        errors: HostSelection.errors.merging([504: "The host's worker did not answer in time."]) { own, _ in own })
}
