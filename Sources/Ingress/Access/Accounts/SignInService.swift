internal import HTTPKit
internal import Runtime

/// Signs users in with their passwords, gives new tokens for old ones, and signs out.
struct SignInService: Sendable {
    /// A refresh token is good for so long after its last use.
    static let refreshLifetime: Duration = .seconds(7 * 86_400)

    let accounts: Accounts
    let tokens: AccessTokens
    let failures: SignInFailures
    let accessLifetime: Duration
    let time: any TimeSource

    /// What a client gets.
    struct Grant: Sendable {
        let access: AccessToken
        let refresh: String
        let user: User
    }

    /// - Throws: 401 whatever is wrong with name or password or while the account is locked, 403 for an inactive user,
    ///   503 when too many passwords are being checked or the sign-in cannot be stored.
    func signIn(username: String, password: String) async throws -> Grant {
        let name = username.lowercased()
        let user = accounts.directory.user(named: name)
        let isRight: Bool
        do {
            isRight = try await accounts.hasher.isRight(password, for: user?.passwordHash)
        } catch is PasswordQueueFull {
            throw HTTPError.unavailable("Too many people sign in at once.", retryAfter: 2)
        }
        let now = time.now
        guard let user, isRight, !user.isLocked(at: now) else {
            try await noteFailure(name, user, now)
            throw HTTPError.unauthenticated("Incorrect username or password")
        }
        guard user.isActive else { throw HTTPError.forbidden("User account is inactive") }
        failures.clear(name)
        let signIn = SignIn(
            id: SecureRandom.uuid(), username: name, createdAt: now, expiresAt: now.advanced(by: Self.refreshLifetime),
            rotation: 1, isRevoked: false)
        try await accounts.configuration.change(
            SignIn.setting(signIn.id), from: 0, to: signIn.json, by: String(user.id))
        return try grant(user, signIn)
    }

    /// Gives new tokens for a refresh token, which is used up by that. One that comes a second time was stolen, from its
    /// owner or by its owner's enemy: the whole sign-in ends.
    /// - Throws: 401.
    func refresh(_ token: String) async throws -> Grant {
        let claims: (signIn: String, rotation: Int)
        do {
            claims = try tokens.verifyRefresh(token)
        } catch {
            throw HTTPError.unauthenticated("Failed to refresh token: \(error.message)")
        }
        try await accounts.configuration.catchUp()
        guard let setting = accounts.configuration.setting(SignIn.setting(claims.signIn)), let value = setting.value
        else { throw Self.refused("the sign-in is over") }
        var signIn = try SignIn(json: value)
        guard !signIn.isRevoked else { throw Self.refused("it was signed out") }
        guard let user = accounts.directory.user(named: signIn.username), user.isActive, !user.isLocked(at: time.now)
        else { throw Self.refused("the user may not sign in") }
        guard claims.rotation == signIn.rotation else { throw try await reused(signIn, user) }
        signIn.rotation += 1
        signIn.expiresAt = time.now.advanced(by: Self.refreshLifetime)
        do {
            try await accounts.configuration.change(
                setting.name, from: setting.version, to: signIn.json, by: String(user.id))
        } catch is ConfigurationConflict {
            throw try await reused(signIn, user)
        }
        return try grant(user, signIn)
    }

    private func reused(_ signIn: SignIn, _ user: User) async throws -> HTTPError {
        try await accounts.revoke(signIn.id, by: String(user.id))
        return Self.refused("it was used before; sign in again")
    }

    private static func refused(_ reason: String) -> HTTPError {
        .unauthenticated("Failed to refresh token: \(reason)")
    }

    private func noteFailure(_ name: String, _ user: User?, _ now: Timestamp) async throws {
        guard failures.add(name, now: now), let user, !user.isLocked(at: now) else { return }
        try await accounts.edit(name, by: "system") { $0.lockedUntil = now.advanced(by: SignInFailures.lockTime) }
    }

    private func grant(_ user: User, _ signIn: SignIn) throws -> Grant {
        let holder = TokenUser(
            id: String(user.id), username: user.username, isAdministrator: user.isAdministrator,
            permissions: user.permissions, signIn: signIn.id)
        return Grant(
            access: try tokens.mint(for: holder, lifetime: accessLifetime),
            refresh: try tokens.mintRefresh(for: holder, of: signIn), user: user)
    }
}
