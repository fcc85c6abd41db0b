import Contracts
import Ingress
import Runtime

/// `flotilla users`: who may sign in.
enum UsersCommand {
    private static let name = Positional(name: "NAME", summary: "The username.")
    private static let role = Option(
        name: "role", valueName: "ROLE", summary: "administrator, who may do everything, or user.", defaultText: "user")
    private static let email = Option(name: "email", valueName: "ADDRESS", summary: "The user's email address.")
    private static let passwordInput = Option(
        name: "password-stdin", summary: "Read the password from the first line of standard input.")
    private static let roles = ["administrator", "user"]

    static let command = Command(
        name: "users", summary: "list, add and change the users of the fleet",
        discussion: [
            "Works while the fleet runs and while it does not: users are in the log of the fleet's configuration, which "
                + "every ingress reads."
        ],
        options: ClientOptions.overBus, variables: ClientOptions.variablesOverBus, exits: AccountCommand.exits,
        examples: [.init("flotilla users", "Who they are and what they may.")],
        subcommands: [add, setPassword, setRole, deactivate, activate],
        run: { invocation in
            try await AccountCommand.use(invocation) { accounts in
                try list(accounts.users, invocation)
                return .success
            }
        })

    private static let add = Command(
        name: "add", summary: "add a user", positionals: [name],
        options: [role, email, AccountCommand.permission, passwordInput] + ClientOptions.overBus,
        variables: ClientOptions.variablesOverBus, exits: AccountCommand.exits,
        examples: [
            .init("echo \"$PASSWORD\" | flotilla users add alice --role administrator --password-stdin", "One."),
            .init(
                "echo \"$PASSWORD\" | flotilla users add bob --password-stdin --permission 'hardware:*'",
                "A user who may do everything with hosts."),
        ],
        run: { invocation in
            let name = try invocation.required(name.name)
            let role = try invocation.arguments.choice(of: role, from: roles)
            let password = try password(invocation)
            return try await AccountCommand.use(invocation) { accounts in
                let user = try await accounts.add(
                    username: name, email: invocation.arguments.value(of: email), password: password,
                    isAdministrator: role == "administrator",
                    permissions: invocation.arguments.values(of: AccountCommand.permission),
                    by: AccountCommand.principal
                ).user
                try report(user, "added", invocation)
                return .success
            }
        })

    private static let setPassword = Command(
        name: "set-password", summary: "give a user another password; every token given out before stops working",
        positionals: [name], options: [passwordInput] + ClientOptions.overBus,
        variables: ClientOptions.variablesOverBus, exits: AccountCommand.exits,
        examples: [.init("echo \"$PASSWORD\" | flotilla users set-password alice --password-stdin", "One.")],
        run: { invocation in
            let name = try invocation.required(name.name)
            let password = try password(invocation)
            return try await AccountCommand.use(invocation) { accounts in
                try await accounts.setPassword(password, of: name, by: AccountCommand.principal)
                try invocation.console.line("changed the password of \(name)")
                return .success
            }
        })

    private static let setRole = Command(
        name: "set-role", summary: "change what a user may do", positionals: [name],
        options: [role, AccountCommand.permission] + ClientOptions.overBus,
        variables: ClientOptions.variablesOverBus, exits: AccountCommand.exits,
        examples: [.init("flotilla users set-role bob --role administrator", "Makes an administrator.")],
        run: { invocation in
            let role = try invocation.arguments.choice(of: role, from: roles)
            let permissions = invocation.arguments.values(of: AccountCommand.permission)
            for permission in permissions { try Accounts.check(permission: permission) }
            return try await edit(invocation) { user in
                user.isAdministrator = role == "administrator"
                user.permissions = permissions
            }
        })

    private static let deactivate = Command(
        name: "deactivate", summary: "take away every right of a user and end what is signed in", positionals: [name],
        options: ClientOptions.overBus, variables: ClientOptions.variablesOverBus, exits: AccountCommand.exits,
        examples: [.init("flotilla users deactivate bob", "Users are never deleted.")],
        run: { invocation in
            let name = try invocation.required(name.name)
            return try await AccountCommand.use(invocation) { accounts in
                try await accounts.deactivate(name, by: AccountCommand.principal)
                try invocation.console.line("deactivated \(name)")
                return .success
            }
        })

    private static let activate = Command(
        name: "activate", summary: "let a user sign in again, one who was locked out too", positionals: [name],
        options: ClientOptions.overBus, variables: ClientOptions.variablesOverBus, exits: AccountCommand.exits,
        examples: [.init("flotilla users activate bob", "Ends a lock after wrong passwords as well.")],
        run: { invocation in
            try await edit(invocation) { user in
                user.isActive = true
                user.lockedUntil = nil
            }
        })

    private static func edit(
        _ invocation: Invocation, _ edit: @escaping @Sendable (inout User) -> Void
    ) async throws -> ExitCode {
        let name = try invocation.required(name.name)
        return try await AccountCommand.use(invocation) { accounts in
            let user = try await accounts.edit(name, by: AccountCommand.principal) { edit(&$0) }
            try report(user, "changed", invocation)
            return .success
        }
    }

    private static func password(_ invocation: Invocation) throws(CommandFailure) -> String {
        guard invocation.arguments.has(passwordInput) else {
            throw .usage(
                "missing_password", "a password is needed: give --password-stdin",
                hint: "It is never taken from the command line, which other users can read.")
        }
        return try AccountCommand.passwordFromInput()
    }

    private static func list(_ users: [User], _ invocation: Invocation) throws {
        guard !invocation.arguments.has(ClientOptions.json) else {
            for user in users { try invocation.console.line(json(user)) }
            return
        }
        guard !users.isEmpty else { return invocation.console.note("there are no users; add one with 'users add'") }
        var table = TextTable(columns: [
            .init(title: "ID", isRightAligned: true), .init(title: "NAME"), .init(title: "ROLE"),
            .init(title: "STATE"), .init(title: "PERMISSIONS"),
        ])
        for user in users {
            table.rows.append([
                "\(user.id)", TextTable.Cell(user.username), TextTable.Cell(user.role),
                TextTable.Cell(state(user, now: invocation.time.now)),
                TextTable.Cell(user.permissions.joined(separator: " ")),
            ])
        }
        for line in table.lines(invocation.console.style) { try invocation.console.line(line) }
    }

    private static func report(_ user: User, _ done: String, _ invocation: Invocation) throws {
        if invocation.arguments.has(ClientOptions.json) {
            try invocation.console.line(json(user))
        } else {
            try invocation.console.line("\(done) \(user.role) \(user.username) (id \(user.id))")
        }
    }

    private static func state(_ user: User, now: Timestamp) -> String {
        if !user.isActive { return "inactive" }
        guard let end = user.lockedUntil, end > now else { return "active" }
        return "locked until \(end.rfc3339)"
    }

    private static func json(_ user: User) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { user.writePublicMembers(to: &$0) }
        return writer.bytes
    }
}
