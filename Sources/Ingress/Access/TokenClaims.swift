internal import Contracts
internal import Runtime

/// The claims of a token whose signature is right (`shared/contracts/hardware.md` 3).
struct TokenClaims {
    private let claims: JSONValue

    /// - Throws: `TokenRefusal` when the claims are not a JSON object.
    init(json: [UInt8]) throws(TokenRefusal) {
        guard let document = try? JSONDocument(parsing: json), document.root.kind == .object else {
            throw .malformed
        }
        claims = document.root
    }

    /// Who holds the token. `exp` and `sub` are required, `type` is `access`, `nbf` counts when present.
    func principal(now: Timestamp) throws(TokenRefusal) -> Principal {
        guard let end = date("exp") else { throw .noExpiry }
        guard end > now else { throw .expired }
        if let start = date("nbf"), start > now { throw .notYet }
        let type = claims["type"]?.string
        guard type == "access" else { throw .type(type) }
        guard let id = text("sub") ?? text("user_id"), !id.isEmpty else { throw .subject }
        let isAdministrator = claims["is_admin"]?.bool == true || claims["role"]?.string == "administrator"
        return Principal(
            id: id, username: text("username") ?? id, isAdministrator: isAdministrator, permissions: permissions(),
            expiresAt: end)
    }

    /// What the token allows: its `permissions`, the ones among its `scopes`, and those of its role.
    private func permissions() -> [String] {
        let scopes = strings("scopes")
        var permissions = strings("permissions") + scopes.filter { $0.contains(":") }
        if claims["role"]?.string == "user" || scopes.contains("read") { permissions += Self.readPermissions }
        if claims["role"]?.string == "user" || scopes.contains("write") { permissions += Self.writePermissions }
        return permissions
    }

    /// Role `user` reads everything but the audit log, and writes models and sessions.
    private static let readPermissions = [
        "hardware:monitor", "system:read", "commands:read", "models:read", "sessions:read", "config:read",
    ]
    private static let writePermissions = ["models:write", "sessions:write"]

    /// A claim that is a text or, from issuers with numeric ids, a whole number.
    private func text(_ name: String) -> String? {
        guard let value = claims[name] else { return nil }
        return value.string ?? value.int.map(String.init)
    }

    /// A list of texts, or one text with spaces between its words (RFC 8693 §4.2).
    private func strings(_ name: String) -> [String] {
        guard let value = claims[name] else { return [] }
        if let text = value.string { return text.split(separator: " ").map(String.init) }
        return value.elements.compactMap(\.string)
    }

    /// A NumericDate (RFC 7519 §2): seconds, maybe with a fraction. One that no calendar holds counts as absent.
    private func date(_ name: String) -> Timestamp? {
        guard let seconds = claims[name]?.double, seconds.isFinite, abs(seconds) < 1e11 else { return nil }
        return Timestamp(microseconds: Int64(seconds * 1_000_000))
    }
}
