internal import Contracts
internal import HTTPKit
package import Runtime

/// Makes and changes the accounts of the fleet.
package struct Accounts: Sendable {
    let configuration: FleetConfiguration
    let directory: AccountDirectory
    let hasher: PasswordHasher
    let time: any TimeSource

    private static let sequence = "sequence/user"

    /// Adds a user.
    /// - Parameter principal: The id of who adds.
    /// - Throws: `AccountError`, `HTTPError` when the change cannot be stored.
    package func add(
        username: String, email: String?, password: String, isAdministrator: Bool, permissions: [String] = [],
        by principal: String
    ) async throws -> VersionedUser {
        let name = username.lowercased()
        try AccountRules.check(username: name)
        if let email { try AccountRules.check(email: email) }
        try AccountRules.check(password: password)
        for permission in permissions { try AccountRules.check(permission: permission) }
        try await configuration.catchUp()
        guard directory.user(named: name) == nil else { throw AccountError.usernameTaken }
        if let email, directory.users.contains(where: { $0.email?.lowercased() == email.lowercased() }) {
            throw AccountError.emailTaken
        }
        let user = User(
            id: try await nextID(by: principal), username: name, email: email,
            passwordHash: try await hasher.hash(password), isAdministrator: isAdministrator, permissions: permissions,
            isActive: true, createdAt: time.now)
        do {
            return try VersionedUser(
                try await configuration.change(User.setting(name), from: 0, to: user.json, by: principal))
        } catch is ConfigurationConflict {
            throw AccountError.usernameTaken
        }
    }

    /// Changes a user by looking at it, again when somebody else was first.
    /// - Throws: `AccountError.unknownUser`, what `edit` throws, `HTTPError` when the change cannot be stored.
    @discardableResult
    package func edit(
        _ username: String, by principal: String, _ edit: (inout User) throws -> Void
    ) async throws -> User {
        try await self.edit(username, by: principal, if: nil, edit).user
    }

    /// - Throws: also 409 when the user has another version than the caller's change is based on.
    @discardableResult
    func edit(
        _ username: String, by principal: String, if precondition: VersionPrecondition?,
        _ edit: (inout User) throws -> Void
    ) async throws -> VersionedUser {
        try await configuration.catchUp()
        let setting = try await configuration.edit(User.setting(username), by: principal) { setting in
            guard let value = setting?.value else { throw AccountError.unknownUser }
            try precondition?.check(setting)
            var user = try User(json: value)
            try edit(&user)
            return user.json
        }
        return try VersionedUser(setting)
    }

    /// A user as this ingress has read the log so far.
    /// - Throws: `AccountError.unknownUser`.
    func versioned(_ username: String) throws -> VersionedUser {
        guard let setting = configuration.setting(User.setting(username)) else { throw AccountError.unknownUser }
        return try VersionedUser(setting)
    }

    /// Sets a password; every token of the user that was issued before stops working, and every sign-in ends.
    package func setPassword(_ password: String, of username: String, by principal: String) async throws {
        try AccountRules.check(password: password)
        let hash = try await hasher.hash(password)
        // Tokens carry whole seconds.
        let start = Timestamp(microseconds: time.now.microseconds / 1_000_000 * 1_000_000)
        try await edit(username, by: principal) { user in
            user.passwordHash = hash
            user.tokensNotBefore = start
            user.lockedUntil = nil
        }
        try await endSignIns(of: username, by: principal)
    }

    /// Takes away every right, and ends every sign-in.
    package func deactivate(_ username: String, by principal: String) async throws {
        try await deactivate(username, by: principal, if: nil)
    }

    func deactivate(_ username: String, by principal: String, if precondition: VersionPrecondition?) async throws {
        try await edit(username, by: principal, if: precondition) { $0.isActive = false }
        try await endSignIns(of: username, by: principal)
    }

    /// Every user, by id.
    package var users: [User] { directory.users }

    /// - Throws: `AccountError.unknownPermission`.
    package static func check(permission: String) throws(AccountError) {
        try AccountRules.check(permission: permission)
    }

    func endSignIns(of username: String, by principal: String) async throws {
        let name = username.lowercased()
        for signIn in directory.signIns(where: { $0.username == name && !$0.isRevoked }) {
            try await revoke(signIn.id, by: principal)
        }
    }

    /// Forgets the sign-ins whose refresh tokens have all expired.
    func endExpiredSignIns() async throws {
        let now = time.now
        for signIn in directory.signIns(where: { $0.expiresAt < now }) {
            try await configuration.edit(SignIn.setting(signIn.id), by: "system") { _ in nil }
        }
    }

    /// Ends a sign-in: none of its tokens is good any more.
    func revoke(_ id: String, by principal: String) async throws {
        try await configuration.edit(SignIn.setting(id), by: principal) { setting in
            guard let value = setting?.value else { return nil }
            var signIn = try SignIn(json: value)
            signIn.isRevoked = true
            return signIn.json
        }
    }

    /// The next number, which no other ingress gets.
    private func nextID(by principal: String) async throws -> Int {
        var next = 0
        try await configuration.edit(Self.sequence, by: principal) { setting in
            next = try setting?.value.map { try JSONDocument(parsing: $0).root.requiredInt("next") } ?? 1
            var writer = JSONWriter(capacity: 32)
            writer.object { $0.member("next", next + 1) }
            return writer.bytes
        }
        return next
    }
}

extension Accounts {
    /// Makes a key; its secret is returned here and kept nowhere.
    package func addKey(
        name: String, permissions: [String], expiresAt: Timestamp?, by principal: String
    ) async throws -> (key: StoredKey, secret: String) {
        for permission in permissions { try AccountRules.check(permission: permission) }
        let secret = "flk_" + SecureRandom.hex(bytes: 24)
        let key = StoredKey(
            name: name, secret: secret, permissions: permissions, createdAt: time.now, expiresAt: expiresAt)
        try await configuration.change(StoredKey.setting(key.id), from: 0, to: key.json, by: principal)
        return (key, secret)
    }

    /// - Throws: `AccountError.unknownKey`.
    package func removeKey(_ id: String, by principal: String) async throws {
        try await configuration.catchUp()
        try await configuration.edit(StoredKey.setting(id), by: principal) { setting in
            guard setting?.value != nil else { throw AccountError.unknownKey }
            return nil
        }
    }

    /// Every key, oldest first.
    package var keys: [StoredKey] { directory.keys }
}
