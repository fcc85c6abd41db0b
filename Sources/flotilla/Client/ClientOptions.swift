/// The flags that several client commands share.
enum ClientOptions {
    static let json = Option(name: "json", summary: "Write one JSON value a line, for scripts.")

    static let state = Option(
        name: "state", aliases: ["flotilla-state"], valueName: "FOLDER",
        summary: "The state folder of the fleet on this machine.",
        defaultText: "$XDG_STATE_HOME/flotilla or ~/.local/state/flotilla", variable: "FLOTILLA_STATE")

    static let url = Option(
        name: "url", aliases: ["flotilla-url"], valueName: "URL", summary: "Where the ingress listens.",
        defaultText: "where the 'flotilla up' of the state folder listens, else http://127.0.0.1:8000",
        variable: "FLOTILLA_URL")

    static let token = Option(
        name: "token", aliases: ["flotilla-token"], valueName: "TOKEN",
        summary: "The access token. Other users can read a flag, so prefer the variable.",
        defaultText: "made from the state folder's secret, for a service on this machine", variable: "FLOTILLA_TOKEN")

    static let all = Option(name: "all", summary: "Every dead letter of the queue.")

    /// Of the commands that go over HTTP.
    static let overHTTP = [url, token, state, json]
    /// Of the commands that read the bus.
    static let overBus = [state, json]

    /// What every client command reads besides the twins of its flags.
    static let variables: [Command.Variable] = [
        .init(
            name: "FLOTILLA_ENV_FILE",
            summary: "File of NAME=VALUE lines that stand in for variables. Default: flotilla.env."),
        .init(name: "NO_COLOR", summary: "Switches colours off."),
    ]

    /// Of the commands that read the bus.
    static let variablesOverBus = BusSettings.variables + variables

    static let exitsOverHTTP: [Command.Exit] = [
        .init(.success), .init(.failed), .init(.configuration, "a setting is not valid"),
        .init(.unreachable, "the service cannot be reached, or cannot take the request now"), .init(.notFound),
        .init(.accessDenied, "the token is missing, wrong or not allowed to do this"), .init(.usage),
    ]

    static let exitsOverBus: [Command.Exit] = [
        .init(.success), .init(.failed), .init(.configuration, "a setting is not valid"),
        .init(.unreachable, "there is no bus in the state folder, or a broker cannot be reached"), .init(.notFound),
        .init(.accessDenied, "a broker refuses the access"),
        .init(.usage),
    ]
}
