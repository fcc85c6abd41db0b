import Contracts
import Runtime

/// `flotilla commands`: the commands that were sent, and what became of them.
enum CommandsCommand {
    private static let device = Option(name: "device", valueName: "ID", summary: "Only those for this device.")
    private static let status = Option(
        name: "status", valueName: "STATUS",
        summary: "Only those that were recorded so: \(CommandState.allCases.map(\.rawValue).joined(separator: ", ")).")
    private static let type = Option(name: "type", valueName: "TYPE", summary: "Only those of this command type.")
    private static let since = Option(
        name: "since", valueName: "TIME", summary: "Only those accepted since then, such as 2026-01-31T12:00:00Z.")
    private static let until = Option(name: "until", valueName: "TIME", summary: "Only those accepted until then.")
    private static let limit = Option(
        name: "limit", valueName: "N", summary: "At most so many, the newest first.", defaultText: "50")
    private static let watch = Option(name: "watch", summary: "Go on showing them as they come and change.")
    private static let interval = Option(
        name: "interval", valueName: "SECONDS", summary: "How often --watch asks, 0.1 to 3600.", defaultText: "1")

    static let command = Command(
        name: "commands", summary: "list the commands of the last 7 days, and retry what died",
        discussion: [
            "On a terminal --watch redraws the list in place until Ctrl-C; elsewhere it prints a command when it is new "
                + "or has come to another status. With --json every command is one line."
        ],
        options: [device, status, type, since, until, limit, watch, interval] + ClientOptions.overHTTP,
        variables: ClientOptions.variables, exits: ClientOptions.exitsOverHTTP.filter { $0.code != .notFound },
        examples: [
            .init("flotilla commands --device pump-1 --limit 5", "What was last sent to a device."),
            .init("flotilla commands --status failed --since 2026-01-31T12:00:00Z --json", "For a script."),
            .init("flotilla commands --watch", "A live list."),
            .init("flotilla commands retry 17", "Puts a dead letter back into the queue."),
        ],
        subcommands: [CommandDeadLetterCommands.dead, CommandDeadLetterCommands.retry],
        run: { invocation in
            let arguments = invocation.arguments
            let limit = try arguments.integer(of: limit, in: 1...1_000_000)
            let seconds = try arguments.seconds(of: interval, in: 0.1...3600) ?? 1
            _ = try arguments.choice(of: status, from: CommandState.allCases.map(\.rawValue))
            var query = ""
            for (option, name) in [
                (device, "device_id"), (status, "status"), (type, "command_type"), (since, "since"), (until, "until"),
            ] {
                if let value = arguments.value(of: option) {
                    query += "&\(name)=\(ServiceURL.percentEncoded(value))"
                }
            }
            let list = CommandList(
                client: try ServiceClient(ClientSettings(invocation), time: invocation.time), query: query,
                limit: limit ?? 50, invocation: invocation)
            guard arguments.has(watch) else {
                try await list.show()
                return .success
            }
            // Ctrl-C is how a live list is meant to end.
            _ = try await Interruption.endsEarly(time: invocation.time) {
                try await list.watch(every: .milliseconds(Int64(seconds * 1000)))
            }
            return .success
        })
}
