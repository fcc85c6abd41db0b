/// The flags that several client commands share.
enum ClientOptions {
    static let json = Option(name: "json", summary: "Write one JSON value a line, for scripts.")

    static let state = SettingsTable.stateFolder.flag(as: "state")
    static let url = SettingsTable.url.flag(as: "url")
    static let token = SettingsTable.token.flag(as: "token")
    static let authorities = SettingsTable.authorities.flag(as: "ca-file")

    static let all = Option(name: "all", summary: "Every dead letter of the queue.")

    /// Of the commands that go over HTTP.
    static let overHTTP = [url, token, authorities, state, json]
    /// Of the commands that read the bus.
    static let overBus = [state, json]

    /// What every client command reads besides the twins of its flags.
    static let variables = SettingsTable.file.compactMap(\.variable)

    /// Of the commands that read the bus.
    static let variablesOverBus = SettingsTable.brokers.compactMap(\.variable) + variables

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
