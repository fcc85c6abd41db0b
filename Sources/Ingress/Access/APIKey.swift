package import Runtime

/// A key that a program sends as `X-API-Key`; only its hash is kept.
package struct APIKey: Sendable {
    let hash: SecretHash
    package let permissions: [String]
    package let expiresAt: Timestamp?

    /// What a key of `API_KEYS` may do when it doesn't say: what the command service's clients need.
    package static let defaultPermissions = ["commands:send", "commands:read", "system:read"]

    package init(
        secret: String, permissions: [String] = APIKey.defaultPermissions, expiresAt: Timestamp? = nil
    ) {
        self.init(hash: SecretHash(of: secret), permissions: permissions, expiresAt: expiresAt)
    }

    init(hash: SecretHash, permissions: [String], expiresAt: Timestamp?) {
        self.hash = hash
        self.permissions = permissions
        self.expiresAt = expiresAt
    }

    /// Reads one entry of `API_KEYS`: the key, or `key=permission+permission`, as in `s3cret=hardware:*+system:read`.
    ///
    /// Text after the last `=` that holds neither `:` nor `*` belongs to the key, as base64 padding does.
    package init?(entry: String) {
        guard !entry.isEmpty else { return nil }
        guard let equals = entry.utf8.lastIndex(of: UInt8(ascii: "=")),
            entry[equals...].contains(where: { $0 == ":" || $0 == "*" })
        else {
            self.init(secret: entry)
            return
        }
        let permissions = entry[entry.index(after: equals)...].split(separator: "+").map(String.init)
        guard equals > entry.startIndex, !permissions.isEmpty else { return nil }
        self.init(secret: String(entry[..<equals]), permissions: permissions)
    }

    /// What the ids of keys' principals begin with.
    static let principalPrefix = "key:"

    var principal: Principal {
        Principal(
            id: Self.principalPrefix + hash.fingerprint, username: Self.principalPrefix + hash.fingerprint,
            isAdministrator: permissions.contains("*"), permissions: permissions, expiresAt: expiresAt)
    }
}
