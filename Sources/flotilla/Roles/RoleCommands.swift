/// `flotilla up` and the roles that run apart.
enum RoleCommands {
    static let up = command(
        "up", Role.allCases, "run the whole fleet of this machine in one process",
        [
            "Runs the embedded bus, the metrics worker, the optimize worker, the command pusher and the ingress; with "
                + "BROKER_HOST set, the device connector as well. When "
                + "it serves it logs the event 'listening' with the URL and prints a link to a page that shows a "
                + "token, once, within 15 minutes. SIGTERM and Ctrl-C stop it in order.",
            "One process at a time holds a state folder; a second one says which process that is and exits with 2.",
        ],
        [
            .init("flotilla up", "On http://127.0.0.1:8000, with its state in the user's state folder."),
            .init("flotilla up --state /srv/fleet --api-port 9000 --log-format json", "Elsewhere."),
        ])

    static let ingress = command(
        "ingress", [.ingress], "run the ingress alone: HTTP, and the views behind it",
        ["Builds its views from the logs, then answers HTTP from them. Holds the state folder like 'flotilla up'."],
        [.init("flotilla ingress --api-port 8001", "Beside workers in processes of their own.")])

    static let metricsWorker = command(
        "metrics-worker", [.metricsWorker], "run the metrics worker alone: samples this host",
        ["Appends one sample of this host at every interval to the log host_metrics."],
        [.init("flotilla metrics-worker --metrics-interval-seconds 5", "A sample every five seconds.")])

    static let optimizeWorker = command(
        "optimize-worker", [.optimizeWorker], "run the optimize worker alone: optimizes this host",
        ["Takes the optimization requests of this host and publishes what it does on optimization_events."],
        [.init("flotilla optimize-worker --storage-roots /tmp:/srv/cache", "May change these two folders only.")])

    static let commandPusher = command(
        "command-pusher", [.commandPusher], "run the command pusher alone: moves commands to the devices' log",
        [
            "Moves commands in order from the queue command.requests to the topic that the device connectors read, "
                + "and writes their status. Several may run: one works, another takes over."
        ],
        [.init("flotilla command-pusher", "On the bus of the standard state folder.")])

    static let deviceConnector = command(
        "device-connector", [.deviceConnector], "run the device connector alone: hands commands to devices over MQTT",
        [
            "Takes the commands whose protocol is mqtt from the devices' log, publishes each at its MQTT broker, and "
                + "reports what the broker and the device answer. Several share the commands; each needs an "
                + "MQTT_CLIENT_ID of its own."
        ],
        [.init("flotilla device-connector --broker-host mqtt.example.org", "With a broker elsewhere.")])

    private static func command(
        _ name: String, _ roles: [Role], _ summary: String, _ discussion: [String], _ examples: [Command.Example]
    ) -> Command {
        Command(
            name: name, summary: summary,
            discussion: discussion + [
                "Flags override variables, variables override the file flotilla.env (or the one in FLOTILLA_ENV_FILE). "
                    + "Everything wrong with the settings is reported at once."
            ],
            options: ServiceOptions.options(of: roles), variables: ServiceOptions.variables(of: roles),
            exits: [
                .init(.success, "stopped as asked, by SIGTERM or Ctrl-C"),
                .init(.failed, "a service failed; the log says which and why"), .init(.configuration), .init(.usage),
            ],
            examples: examples,
            run: { try await FleetProcess(name: name, roles: roles, invocation: $0).run() })
    }
}
