internal import HTTPKit
package import Runtime
internal import Synchronization

/// The users, sign-ins and keys of the fleet, in memory, as every request needs them.
package final class AccountDirectory: ConfigurationReader {
    private struct State {
        /// By their lower-case names.
        var users: [String: User] = [:]
        var names: [Int: String] = [:]
        var signIns: [String: SignIn] = [:]
        var keys: [String: StoredKey] = [:]
    }

    private let state = Mutex(State())
    private let logger: Logger

    package init(logger: Logger) { self.logger = logger }

    func changed(_ setting: FleetSetting) {
        do {
            if let username = Self.rest(setting.name, User.settingPrefix) {
                let user = try setting.value.map { try User(json: $0) }
                state.withLock { state in
                    state.users[username] = user
                    if let user { state.names[user.id] = username }
                }
            } else if let id = Self.rest(setting.name, SignIn.settingPrefix) {
                let signIn = try setting.value.map { try SignIn(json: $0) }
                state.withLock { $0.signIns[id] = signIn }
            } else if let id = Self.rest(setting.name, StoredKey.settingPrefix) {
                let key = try setting.value.map { try StoredKey(json: $0) }
                state.withLock { $0.keys[id] = key }
            }
        } catch {
            logger.error("account_unreadable", ["setting": .string(setting.name), "error": "\(error)"])
        }
    }

    func user(named name: String) -> User? { state.withLock { $0.users[name.lowercased()] } }

    func user(_ id: Int) -> User? { state.withLock { state in state.names[id].flatMap { state.users[$0] } } }

    /// All of them, by id.
    var users: [User] { state.withLock { $0.users.values.sorted { $0.id < $1.id } } }

    var keys: [StoredKey] { state.withLock { $0.keys.values.sorted { $0.createdAt < $1.createdAt } } }

    func signIn(_ id: String) -> SignIn? { state.withLock { $0.signIns[id] } }

    /// The sign-ins of a user, or all that ended before a time.
    func signIns(where isWanted: (SignIn) -> Bool) -> [SignIn] {
        state.withLock { $0.signIns.values.filter(isWanted) }
    }

    /// The key with this hash; compares with every key, so that the time does not tell which one matched.
    func key(_ hash: SecretHash) -> APIKey? {
        state.withLock { state in
            var found: APIKey?
            for key in state.keys.values where key.hash.matches(hash) { found = key.key }
            return found
        }
    }

    /// The holder of a valid token as the fleet knows it now. One whom the fleet does not know, such as another
    /// issuer's, is who the token says.
    /// - Throws: 401 where the token was revoked, 403 where the user is inactive or locked.
    func current(_ principal: Principal, now: Timestamp) throws(HTTPError) -> Principal {
        let (user, signIn) = state.withLock { state in
            (state.users[principal.username.lowercased()], principal.signIn.flatMap { state.signIns[$0] })
        }
        if signIn?.isRevoked == true { throw .unauthenticated("Token has been revoked") }
        guard let user, String(user.id) == principal.id else { return principal }
        if let start = user.tokensNotBefore, let issued = principal.issuedAt, issued < start {
            throw .unauthenticated("Token has been revoked")
        }
        guard user.isActive else { throw .forbidden("Inactive user account") }
        if let end = user.lockedUntil, end > now { throw .forbidden("Account locked until \(end.rfc3339)") }
        return Principal(
            id: principal.id, username: user.username, isAdministrator: user.isAdministrator,
            permissions: User.readPermissions + User.writePermissions + user.permissions,
            expiresAt: principal.expiresAt, signIn: principal.signIn, issuedAt: principal.issuedAt)
    }

    private static func rest(_ name: String, _ prefix: String) -> String? {
        name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
    }
}
