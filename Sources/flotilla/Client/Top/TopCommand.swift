import Contracts
import Runtime

/// `flotilla top`: the hosts of the fleet and what they do.
enum TopCommand {
    private static let once = Option(name: "once", summary: "Print one table and end.")
    private static let interval = Option(
        name: "interval", valueName: "SECONDS", summary: "How often the hosts are asked for, 0.1 to 3600.",
        defaultText: "1")
    private static let sort = Option(
        name: "sort", valueName: "BY",
        summary: "name, cpu, memory, disk, gpu, load or alerts: a figure with the greatest first.",
        defaultText: "name")
    private static let only = Option(
        name: "only", valueName: "STATE", summary: "Only the hosts that are up, stale or down.")
    private static let filter = Option(
        name: "filter", valueName: "PATTERN", summary: "Only the hosts in whose name this regular expression is found.")

    static let command = Command(
        name: "top", summary: "show the hosts of the fleet and what they do",
        discussion: [
            "On a terminal the table is redrawn in place until Ctrl-C, as many hosts as fit; elsewhere it is printed "
                + "again at every interval, in full. With --json every host is one line."
        ],
        options: [once, interval, sort, only, filter] + ClientOptions.overHTTP, variables: ClientOptions.variables,
        exits: ClientOptions.exitsOverHTTP.map {
            $0.code == .notFound ? .init(.notFound, "--once found no host that reports") : $0
        },
        examples: [
            .init("flotilla top", "A live table."),
            .init("flotilla top --once --sort cpu", "One table, for a script or a report, the busiest first."),
            .init("flotilla top --only down", "What does not report any more."),
            .init("flotilla top --json | jq .cpu_percent", "The figures of each host."),
        ],
        run: { invocation in
            let arguments = invocation.arguments
            let seconds = try arguments.seconds(of: interval, in: 0.1...3600) ?? 1
            var query = "?limit=\(TopView.maximumHosts)"
            for (option, name) in [(sort, "sort_by"), (only, "state"), (filter, "filter_pattern")] {
                if let value = arguments.value(of: option) {
                    query += "&\(name)=\(ServiceURL.percentEncoded(value))"
                }
            }
            let top = TopView(
                client: try ServiceClient(ClientSettings(invocation), time: invocation.time), query: query,
                invocation: invocation, interval: .milliseconds(Int64(seconds * 1000)))
            if arguments.has(once) { return try await top.once() }
            // Ctrl-C is how a live table is meant to end.
            _ = try await Interruption.endsEarly(time: invocation.time) { try await top.live() }
            return .success
        })
}
