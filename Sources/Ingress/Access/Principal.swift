package import Runtime

/// Who asks.
package struct Principal: Sendable, Hashable {
    /// The user's id as text, `key:<fingerprint>` for an API key, `open` without authentication.
    package let id: String
    package let username: String
    package let isAdministrator: Bool
    /// Exact permissions, or prefixes that end in `*`.
    package let permissions: [String]
    /// When the token or key ends; streams end then too.
    package let expiresAt: Timestamp?
    /// The id of the sign-in that the token is of (claim `sid`).
    let signIn: String?
    /// When the token was issued (claim `iat`).
    let issuedAt: Timestamp?

    package init(
        id: String, username: String, isAdministrator: Bool, permissions: [String], expiresAt: Timestamp? = nil,
        signIn: String? = nil, issuedAt: Timestamp? = nil
    ) {
        self.id = id
        self.username = username
        self.isAdministrator = isAdministrator
        self.permissions = permissions
        self.expiresAt = expiresAt
        self.signIn = signIn
        self.issuedAt = issuedAt
    }

    /// Whether the permission is held exactly, by a prefix before a trailing `*`, or by being an administrator.
    package func has(_ permission: String) -> Bool {
        isAdministrator
            || permissions.contains { held in
                held.utf8.last == UInt8(ascii: "*")
                    ? permission.utf8.starts(with: held.utf8.dropLast()) : held == permission
            }
    }

    /// Whether this principal may see what `owner` (a principal's id) made.
    package func owns(_ owner: String) -> Bool { isAdministrator || id == owner }

    /// Everyone, where `FLOTILLA_AUTH=open` on loopback.
    package static let everyone = Principal(
        id: "open", username: "open", isAdministrator: true, permissions: ["*"])
}

extension Principal {
    /// The holder of a token that is made for the user.
    init(_ user: TokenUser) {
        self.init(
            id: user.id, username: user.username, isAdministrator: user.isAdministrator, permissions: user.permissions)
    }

    /// A user who has just signed in.
    init(_ user: User) {
        self.init(
            id: String(user.id), username: user.username, isAdministrator: user.isAdministrator,
            permissions: user.permissions)
    }
}
