internal import Runtime
internal import Synchronization

/// The principals of tokens that were verified, by the token's text. At the bound the expired ones are dropped, and all
/// if none is: a token that is not here is verified again.
final class VerifiedTokens: Sendable {
    private static let maximumTokens = 4096
    private let principals = Mutex<[String: Principal]>([:])

    /// The token's principal, unless it is unknown or has expired.
    func principal(of token: String, now: Timestamp) -> Principal? {
        principals.withLock { principals in
            guard let principal = principals[token] else { return nil }
            guard let end = principal.expiresAt, end > now else {
                principals[token] = nil
                return nil
            }
            return principal
        }
    }

    func store(_ principal: Principal, for token: String, now: Timestamp) {
        principals.withLock { principals in
            if principals.count >= Self.maximumTokens {
                principals = principals.filter { ($0.value.expiresAt ?? now) > now }
                if principals.count >= Self.maximumTokens { principals.removeAll() }
            }
            principals[token] = principal
        }
    }
}
