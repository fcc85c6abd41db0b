import Contracts
import Ingress
import Runtime

/// `flotilla keys`: what programs send as `X-API-Key`.
enum KeysCommand {
    private static let label = Positional(name: "NAME", summary: "What the key is for.")
    private static let id = Positional(name: "ID", summary: "The key, as 'flotilla keys' names it.")
    private static let days = Option(
        name: "days", valueName: "N", summary: "How long the key is good for.", defaultText: "for ever")

    static let command = Command(
        name: "keys", summary: "list, add and remove API keys",
        discussion: ["Only hashes are kept: a key is shown once, when it is made."],
        options: ClientOptions.overBus, variables: ClientOptions.variablesOverBus, exits: AccountCommand.exits,
        examples: [.init("flotilla keys", "What they may, and until when.")],
        subcommands: [add, remove],
        run: { invocation in
            try await AccountCommand.use(invocation) { accounts in
                try list(accounts.keys, invocation)
                return .success
            }
        })

    private static let add = Command(
        name: "add", summary: "make a key and print it", positionals: [label],
        options: [AccountCommand.permission, days] + ClientOptions.overBus, variables: ClientOptions.variablesOverBus,
        exits: AccountCommand.exits,
        examples: [
            .init("flotilla keys add gateway --permission commands:send --permission commands:read", "Two rights."),
            .init("flotilla keys add trial --days 7", "Sends and reads commands and reads the system's figures."),
        ],
        run: { invocation in
            let name = try invocation.required(label.name)
            let days = try invocation.arguments.integer(of: days, in: 1...36_500)
            let given = invocation.arguments.values(of: AccountCommand.permission)
            return try await AccountCommand.use(invocation) { accounts in
                let made = try await accounts.addKey(
                    name: name, permissions: given.isEmpty ? APIKey.defaultPermissions : given,
                    expiresAt: days.map { invocation.time.now.advanced(by: .seconds($0 * 86_400)) },
                    by: AccountCommand.principal)
                if invocation.arguments.has(ClientOptions.json) {
                    try invocation.console.line(json(made.key, secret: made.secret))
                } else {
                    try invocation.console.line(made.secret)
                    invocation.console.note("key \(made.key.id); it is not shown again")
                }
                return .success
            }
        })

    private static let remove = Command(
        name: "remove", summary: "make a key worthless", positionals: [id], options: ClientOptions.overBus,
        variables: ClientOptions.variablesOverBus, exits: AccountCommand.exits,
        examples: [.init("flotilla keys remove 1f3a9c02", "Every ingress refuses it from now on.")],
        run: { invocation in
            let id = try invocation.required(id.name)
            return try await AccountCommand.use(invocation) { accounts in
                try await accounts.removeKey(id, by: AccountCommand.principal)
                try invocation.console.line("removed \(id)")
                return .success
            }
        })

    private static func list(_ keys: [StoredKey], _ invocation: Invocation) throws {
        guard !invocation.arguments.has(ClientOptions.json) else {
            for key in keys { try invocation.console.line(json(key, secret: nil)) }
            return
        }
        guard !keys.isEmpty else { return invocation.console.note("there are no keys; make one with 'keys add'") }
        var table = TextTable(columns: [
            .init(title: "ID"), .init(title: "NAME"), .init(title: "EXPIRES"), .init(title: "PERMISSIONS"),
        ])
        for key in keys {
            table.rows.append([
                TextTable.Cell(key.id), TextTable.Cell(key.name.shown(atMost: 40)),
                TextTable.Cell(key.expiresAt?.rfc3339 ?? "never"),
                TextTable.Cell(key.permissions.joined(separator: " ")),
            ])
        }
        for line in table.lines(invocation.console.style) { try invocation.console.line(line) }
    }

    private static func json(_ key: StoredKey, secret: String?) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("id", key.id)
            writer.member("name", key.name)
            if let secret { writer.member("key", secret) }
            writer.member("permissions", key.permissions)
            writer.member("created_at", key.createdAt)
            writer.member("expires_at", key.expiresAt)
        }
        return writer.bytes
    }
}
