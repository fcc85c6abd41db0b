internal import Contracts
package import Runtime

/// An API key that was made on the command line: the value of the setting `api-key/<id>`. Only its hash is kept.
package struct StoredKey: Sendable, Hashable {
    /// The first digits of the hash: names the key in log lines without giving it away.
    package let id: String
    /// What it is for, in its maker's words.
    package let name: String
    let hash: SecretHash
    package let permissions: [String]
    package let createdAt: Timestamp
    package let expiresAt: Timestamp?

    static let settingPrefix = "api-key/"

    static func setting(_ id: String) -> String { settingPrefix + id }

    init(name: String, secret: String, permissions: [String], createdAt: Timestamp, expiresAt: Timestamp?) {
        hash = SecretHash(of: secret)
        id = hash.fingerprint
        self.name = name
        self.permissions = permissions
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    var key: APIKey { APIKey(hash: hash, permissions: permissions, expiresAt: expiresAt) }
}

extension StoredKey {
    /// - Throws: `JSONError`, `MessageError`.
    init(json: [UInt8]) throws {
        let root = try JSONDocument(parsing: json).root
        id = try root.requiredString("id")
        name = try root.requiredString("name")
        guard let hash = SecretHash(hexadecimal: try root.requiredString("sha256")) else {
            throw MessageError("sha256 is not a hash")
        }
        self.hash = hash
        permissions = try root.requiredArray("permissions").elements.compactMap(\.string)
        createdAt = try root.requiredTimestamp("created_at")
        expiresAt = root["expires_at"]?.timestamp
    }

    var json: [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.member("id", id)
            writer.member("name", name)
            writer.member("sha256", hash.hexadecimal)
            writer.member("permissions", permissions)
            writer.member("created_at", createdAt)
            writer.member("expires_at", expiresAt)
        }
        return writer.bytes
    }
}
