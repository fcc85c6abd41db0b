/// The settings of the roles as the command line has them.
enum ServiceOptions {
    /// The flags of the process that runs these roles; each is the twin of a variable.
    static func options(of roles: [Role]) -> [Option] {
        settings(of: roles).compactMap { $0.name == "FLOTILLA_STATE" ? ClientOptions.state : $0.option }
    }

    /// The variables without a flag: secrets, which other users could read on a command line, and those of the brokers.
    static func variables(of roles: [Role]) -> [Command.Variable] { settings(of: roles).compactMap(\.variable) }

    /// What the process that runs these roles reads.
    static func settings(of roles: [Role]) -> [Setting] { SettingsTable.fleet.filter { $0.concerns(roles) } }
}
