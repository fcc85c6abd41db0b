/// Every command of the executable.
enum CommandTree {
    static let root = Command(
        name: "flotilla", summary: "an event-driven fleet that watches hosts, optimizes them and commands devices",
        discussion: [
            "'flotilla up' runs the whole fleet of one machine in one process. The other roles run apart; the client "
                + "commands work beside either."
        ],
        options: [Option(name: "version", summary: "Show the version and exit.")],
        exits: ExitCode.allCases.map { .init($0) },
        examples: [
            .init("flotilla up", "Starts everything and prints a link to sign in."),
            .init("flotilla send pump-1 reboot --wait 5", "Sends a command and shows its status."),
            .init("flotilla top", "Watches the hosts."),
        ],
        subcommands: [
            RoleCommands.up, RoleCommands.ingress, RoleCommands.metricsWorker, RoleCommands.optimizeWorker,
            RoleCommands.commandPusher, CheckCommand.command, SendCommand.command, CommandStatusCommand.command,
            CommandsCommand.command,
            EventsCommand.command, TopCommand.command, SimulateCommand.command, QueuesCommand.command,
            UsersCommand.command, KeysCommand.command,
            AuditCommand.command, TokenCommand.command, help,
        ])

    /// Listed for the reader of the help; `Program` turns it into `--help`.
    private static let help = Command(
        name: "help", summary: "show the help of a command",
        positionals: [Positional(name: "COMMAND", summary: "The command.", count: .any)],
        exits: [.init(.success), .init(.usage)],
        examples: [.init("flotilla help queues dead", "The help of a command of a command.")])
}
