internal import Contracts
internal import HTTPKit
package import Runtime

/// Signs and checks access tokens: JWT with HS256 for its own, RS256 and ES256 for those of another issuer.
package final class AccessTokens: Sendable {
    private let secret: AccessSecret
    private let externalKeys: ExternalKeys?
    private let time: any TimeSource
    private let cache = VerifiedTokens()

    package init(secret: AccessSecret, externalKeys: ExternalKeys? = nil, time: any TimeSource) {
        self.secret = secret
        self.externalKeys = externalKeys
        self.time = time
    }

    /// Makes an access token for a user.
    ///
    /// - Throws: `AccessError` when the token library refuses.
    package func mint(for user: TokenUser, lifetime: Duration) throws(AccessError) -> AccessToken {
        let now = time.now
        let expiresAt = now.advanced(by: lifetime)
        var claims = JSONWriter(capacity: 256)
        claims.object { claims in
            claims.member("sub", user.id)
            claims.member("username", user.username)
            claims.member("user_id", user.id)
            claims.member("is_admin", user.isAdministrator)
            claims.member("role", user.isAdministrator ? "administrator" : "user")
            claims.member("permissions", user.permissions)
            claims.member("type", "access")
            if let signIn = user.signIn { claims.member("sid", signIn) }
            claims.member("iss", "flotilla")
            claims.member("jti", SecureRandom.hex(bytes: 8))
            claims.member("iat", now.microseconds / 1_000_000)
            claims.member("exp", expiresAt.microseconds / 1_000_000)
        }
        let text = try SignedToken.sign(claims: claims.bytes, secret: secret.bytes)
        return AccessToken(text: text, lifetime: lifetime, user: user)
    }

    /// Makes the refresh token of a sign-in that is in use now.
    ///
    /// - Throws: `AccessError` when the token library refuses.
    func mintRefresh(for user: TokenUser, of signIn: SignIn) throws(AccessError) -> String {
        var claims = JSONWriter(capacity: 192)
        claims.object { claims in
            claims.member("sub", user.id)
            claims.member("type", "refresh")
            claims.member("sid", signIn.id)
            claims.member("rotation", signIn.rotation)
            claims.member("iss", "flotilla")
            claims.member("iat", time.now.microseconds / 1_000_000)
            claims.member("exp", signIn.expiresAt.microseconds / 1_000_000)
        }
        return try SignedToken.sign(claims: claims.bytes, secret: secret.bytes)
    }

    /// The sign-in of a valid refresh token, and which one of the sign-in's it is.
    ///
    /// - Throws: Why it is not valid, in words for the client.
    func verifyRefresh(_ token: String) throws(TokenRefusal) -> (signIn: String, rotation: Int) {
        try TokenClaims(json: try SignedToken.claims(of: token, secret: secret.bytes)).refresh(now: time.now)
    }

    /// The principal of a valid access token. A token that was good a moment ago costs a look-up, not an HMAC.
    ///
    /// - Throws: Why it is not valid, in words for the client.
    func verify(_ token: String) throws(TokenRefusal) -> Principal {
        let now = time.now
        if let known = cache.principal(of: token, now: now) { return known }
        let principal = try principal(of: token, now: now)
        cache.store(principal, for: token, now: now)
        return principal
    }
}

extension AccessTokens {
    /// Another issuer's users are not ours, whatever their ids.
    private func principal(of token: String, now: Timestamp) throws(TokenRefusal) -> Principal {
        if let externalKeys, let algorithm = SignedToken.header(of: token)?.algorithm, algorithm != "HS256" {
            let claims = try SignedToken.claims(of: token, keys: externalKeys)
            return try TokenClaims(json: claims).principal(now: now, idPrefix: "external:")
        }
        return try TokenClaims(json: try SignedToken.claims(of: token, secret: secret.bytes)).principal(now: now)
    }
}

/// A minted token.
package struct AccessToken: Sendable {
    package let text: String
    package let lifetime: Duration
    package let user: TokenUser
}

/// Why a token is refused: a sentence for the client.
struct TokenRefusal: Error, Sendable, Hashable {
    let message: String

    static let malformed = TokenRefusal(message: "Invalid token: it is not a JSON Web Token")
    static let signature = TokenRefusal(message: "Invalid token: the signature does not match")
    static let algorithm = TokenRefusal(message: "Invalid token: the algorithm is not the one in use")
    static let expired = TokenRefusal(message: "Token has expired")
    static let noExpiry = TokenRefusal(message: "Invalid token: exp is missing")
    static let notYet = TokenRefusal(message: "Invalid token: it is not valid yet")
    static let subject = TokenRefusal(message: "Invalid token: sub is missing")

    static func type(_ found: String?, expected: String = "access") -> TokenRefusal {
        let got = found == "access" || found == "refresh" ? found : nil
        return TokenRefusal(message: "Invalid token type. Expected \(expected), got \(got ?? "another")")
    }
}
