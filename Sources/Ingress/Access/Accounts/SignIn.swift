internal import Contracts
internal import Runtime

/// One sign-in with the refresh tokens that follow from it: the value of the setting `sign-in/<id>`.
struct SignIn: Sendable, Hashable {
    /// A UUID; the claim `sid` of its tokens.
    let id: String
    let username: String
    let createdAt: Timestamp
    /// No refresh token of it is good for longer.
    var expiresAt: Timestamp
    /// Which refresh token is the one in use; older ones were used before.
    var rotation: Int
    /// It was signed out of, or a used refresh token came back.
    var isRevoked: Bool

    static let settingPrefix = "sign-in/"

    static func setting(_ id: String) -> String { settingPrefix + id }
}

extension SignIn {
    /// - Throws: `JSONError`, `MessageError`.
    init(json: [UInt8]) throws {
        let root = try JSONDocument(parsing: json).root
        id = try root.requiredString("id")
        username = try root.requiredString("username")
        createdAt = try root.requiredTimestamp("created_at")
        expiresAt = try root.requiredTimestamp("expires_at")
        rotation = try root.requiredInt("rotation")
        isRevoked = try root.requiredBool("is_revoked")
    }

    var json: [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.member("id", id)
            writer.member("username", username)
            writer.member("created_at", createdAt)
            writer.member("expires_at", expiresAt)
            writer.member("rotation", rotation)
            writer.member("is_revoked", isRevoked)
        }
        return writer.bytes
    }
}
