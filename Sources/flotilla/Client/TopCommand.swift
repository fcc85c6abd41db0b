import BusClients
import Contracts
import Runtime
import Synchronization

/// `flotilla top`: the hosts of the fleet and what they do.
enum TopCommand {
    private static let once = Option(name: "once", summary: "Print one table and end.")
    private static let interval = Option(
        name: "interval", valueName: "SECONDS", summary: "How often the table is drawn, 0.1 to 3600.",
        defaultText: "1")

    /// The newest records of a partition in which every host's last sample is looked for: at one sample a second, a
    /// thousand hosts, or what one host did in the last quarter of an hour.
    private static let lookBack: Int64 = 1024
    /// How long `--once` waits for a first sample: a worker that has just started takes one a second.
    private static let firstSampleDeadline: Duration = .seconds(5)

    static let command = Command(
        name: "top", summary: "show the hosts of the fleet and what they do",
        discussion: [
            "Reads the bus of the state folder. On a terminal the table is redrawn in place until Ctrl-C; elsewhere "
                + "it is printed again at every interval. With --json every sample is one line as it arrives, in "
                + "full; with --once as well, the newest of each host."
        ],
        options: [once, interval] + ClientOptions.overBus, variables: ClientOptions.variablesOverBus,
        exits: ClientOptions.exitsOverBus.map {
            $0.code == .notFound ? .init(.notFound, "--once found no sample of any host") : $0
        },
        examples: [
            .init("flotilla top", "A live table."),
            .init("flotilla top --once", "One table, for a script or a report."),
            .init("flotilla top --json | jq .cpu.busy_percent", "The figures of each sample."),
        ],
        run: { invocation in
            let seconds = try invocation.arguments.seconds(of: interval, in: 0.1...3600) ?? 1
            return try await LocalBus.use(invocation) { bus in
                let top = TopView(bus: bus, invocation: invocation, interval: .milliseconds(Int64(seconds * 1000)))
                if invocation.arguments.has(once) {
                    return try await top.once(deadline: firstSampleDeadline, lookBack: lookBack)
                }
                // Ctrl-C is how a live table is meant to end.
                _ = try await Interruption.endsEarly(time: invocation.time) { try await top.live(lookBack: lookBack) }
                return .success
            }
        })
}
