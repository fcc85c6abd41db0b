package import Contracts
package import Runtime

/// A person who may sign in: the value of the setting `user/<username>`.
package struct User: Sendable, Hashable {
    /// Counted from 1 on and never used twice; the claim `sub`.
    package let id: Int
    /// Lower-case; 3 to 50 letters, digits, `_` and `-`.
    package let username: String
    package var email: String?
    var passwordHash: PasswordHash
    package var isAdministrator: Bool
    /// Beyond those of the role; exact, or prefixes that end in `*`.
    package var permissions: [String]
    /// A user who is not may do nothing; users are never deleted, so that what they did keeps its name.
    package var isActive: Bool
    package let createdAt: Timestamp
    /// Nobody signs in, and no token of the user counts, until then.
    package var lockedUntil: Timestamp?
    /// Tokens that were issued before do not count: the password has changed since.
    package var tokensNotBefore: Timestamp?

    /// What the names of users' settings begin with.
    static let settingPrefix = "user/"

    /// The setting of a user, whatever the case of the name that was typed.
    static func setting(_ username: String) -> String { settingPrefix + username.lowercased() }

    /// What every user may: read everything but the audit log, write models and sessions.
    static let readPermissions = [
        "hardware:monitor", "system:read", "commands:read", "models:read", "sessions:read", "config:read",
    ]
    static let writePermissions = ["models:write", "sessions:write"]

    package var role: String { isAdministrator ? "administrator" : "user" }

    func isLocked(at now: Timestamp) -> Bool { lockedUntil.map { $0 > now } ?? false }
}

extension User {
    /// - Throws: `JSONError`, `MessageError`.
    init(json: [UInt8]) throws {
        let root = try JSONDocument(parsing: json).root
        id = try root.requiredInt("id")
        username = try root.requiredString("username")
        email = root["email"]?.string
        passwordHash = PasswordHash(text: try root.requiredString("password_hash"))
        isAdministrator = try root.requiredBool("is_admin")
        permissions = try root.requiredArray("permissions").elements.compactMap(\.string)
        isActive = try root.requiredBool("is_active")
        createdAt = try root.requiredTimestamp("created_at")
        lockedUntil = root["locked_until"]?.timestamp
        tokensNotBefore = root["tokens_not_before"]?.timestamp
    }

    var json: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.member("id", id)
            writer.member("username", username)
            writer.member("email", email)
            writer.member("password_hash", passwordHash.text)
            writer.member("is_admin", isAdministrator)
            writer.member("permissions", permissions)
            writer.member("is_active", isActive)
            writer.member("created_at", createdAt)
            writer.member("locked_until", lockedUntil)
            writer.member("tokens_not_before", tokensNotBefore)
        }
        return writer.bytes
    }

    /// What clients see of a user.
    static let publicSchema = Schema.object([
        .init("id", .integer(1)),
        .init("username", .text("alice")),
        .init("email", .text("alice@example.org").nullable),
        .init("is_active", .flag(true)),
        .init("is_admin", .flag(false)),
        .init("role", .words(["user", "administrator"])),
        .init("permissions", .array(.text("hardware:optimize"), "Beyond those of the role.")),
        .init("created_at", .time()),
    ]).named("User")

    /// The members that clients see.
    package func writePublicMembers(to writer: inout JSONWriter) {
        writer.member("id", id)
        writer.member("username", username)
        writer.member("email", email)
        writer.member("is_active", isActive)
        writer.member("is_admin", isAdministrator)
        writer.member("role", role)
        writer.member("permissions", permissions)
        writer.member("created_at", createdAt)
    }
}
