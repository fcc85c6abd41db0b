/// One setting as it is declared: what the help, `flotilla check` and `docs/operations.md` say about it.
struct Setting: Sendable, Hashable {
    /// Which processes read it.
    enum Audience: Sendable, Hashable {
        case everyProcess
        /// Those that run one of these roles.
        case roles([Role])
        /// Those that run no ingress.
        case workersAlone
        /// The client commands, and no role.
        case clients
    }

    /// How it may be given.
    enum Form: Sendable, Hashable {
        /// As a flag with this value name, or as a variable.
        case flag(String)
        /// As a variable alone.
        case variable
        /// As a variable alone; its value is never shown, and other users could read a flag.
        case secret
    }

    /// The variable; one that ends in `…` stands for every variable that begins so.
    var name: String
    var form: Form
    var audience: Audience
    /// Sentences, with a full stop.
    var summary: String
    /// What holds when it is not set, as people read it; nil for nothing.
    var defaultText: String?

    init(
        _ name: String, _ form: Form, for audience: Audience = .everyProcess, _ summary: String,
        default defaultText: String? = nil
    ) {
        self.name = name
        self.form = form
        self.audience = audience
        self.summary = summary
        self.defaultText = defaultText
    }

    var isSecret: Bool { form == .secret }

    /// Whether a process with these roles reads it.
    func concerns(_ roles: [Role]) -> Bool {
        switch audience {
        case .everyProcess: true
        case .roles(let readers): readers.contains { roles.contains($0) }
        case .workersAlone: !roles.contains(.ingress)
        case .clients: false
        }
    }

    /// Whether it declares the variable.
    func declares(_ variable: String) -> Bool {
        name.hasSuffix("…") ? variable.hasPrefix(name.dropLast()) : variable == name
    }

    /// The flag, where it has one: `api-port` for `API_PORT`.
    var option: Option? {
        if case .flag = form { flag(as: flagName) } else { nil }
    }

    /// The flag under another name; the one after the variable's name stays valid.
    func flag(as name: String) -> Option {
        var valueName: String?
        if case .flag(let given) = form { valueName = given }
        return Option(
            name: name, aliases: name == flagName ? [] : [flagName], valueName: valueName, summary: summary,
            defaultText: defaultText, variable: self.name)
    }

    private var flagName: String { name.lowercased().replacing("_", with: "-") }

    /// The variable as the help lists it, where it has no flag.
    var variable: Command.Variable? {
        if case .flag = form { return nil }
        return Command.Variable(name: name, summary: summary + (defaultText.map { " Default: \($0)." } ?? ""))
    }
}
