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

    /// The sign-in of a refresh token, and which one of the sign-in's it is.
    func refresh(now: Timestamp) throws(TokenRefusal) -> (signIn: String, rotation: Int) {
        try checkDates(now)
        let type = claims["type"]?.string
        guard type == "refresh" else { throw .type(type, expected: "refresh") }
        guard let signIn = text("sid"), let rotation = claims["rotation"]?.int else { throw .subject }
        return (signIn, rotation)
    }

    /// Who holds the token. `exp` and `sub` are required, `type` is `access`, `nbf` counts when present.
    func principal(now: Timestamp, idPrefix: String = "") throws(TokenRefusal) -> Principal {
        let end = try checkDates(now)
        let type = claims["type"]?.string
        // Other issuers need not say what a token is for; one that says so must say this.
        guard type == "access" || (type == nil && !idPrefix.isEmpty) else { throw .type(type) }
        guard let id = text("sub") ?? text("user_id"), !id.isEmpty else { throw .subject }
        let isAdministrator = claims["is_admin"]?.bool == true || claims["role"]?.string == "administrator"
        return Principal(
            id: idPrefix + id, username: text("username") ?? id, isAdministrator: isAdministrator,
            permissions: permissions(),
            expiresAt: end, signIn: text("sid"), issuedAt: date("iat"))
    }

    /// When the token ends.
    @discardableResult
    private func checkDates(_ now: Timestamp) throws(TokenRefusal) -> Timestamp {
        guard let end = date("exp") else { throw .noExpiry }
        guard end > now else { throw .expired }
        if let start = date("nbf"), start > now { throw .notYet }
        return end
    }

    /// What the token allows: its `permissions`, the ones among its `scopes`, and those of its role.
    private func permissions() -> [String] {
        let scopes = strings("scopes")
        var permissions = strings("permissions") + scopes.filter { $0.contains(":") }
        let isUser = claims["role"]?.string == "user"
        if isUser || scopes.contains("read") { permissions += User.readPermissions }
        if isUser || scopes.contains("write") { permissions += User.writePermissions }
        return permissions
    }

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
