package import Runtime
internal import Synchronization

/// One-time codes of sign-in links, kept in memory only.
package final class SignInCodes: Sendable {
    private struct Entry {
        let hash: SecretHash
        let user: TokenUser
        let expiresAt: Timestamp
    }

    /// A code is good for so long.
    package static let lifetime: Duration = .seconds(15 * 60)
    /// Codes at a time; one more drops the oldest.
    private static let maximumCodes = 16

    private let entries = Mutex<[Entry]>([])
    private let time: any TimeSource

    package init(time: any TimeSource) { self.time = time }

    /// Makes a code of 64 hexadecimal digits that signs the user in once.
    package func make(for user: TokenUser = .localAdministrator) -> String {
        let code = SecureRandom.hex(bytes: 32)
        let entry = Entry(
            hash: SecretHash(of: code), user: user, expiresAt: time.now.advanced(by: Self.lifetime))
        entries.withLock { entries in
            if entries.count >= Self.maximumCodes { entries.removeFirst() }
            entries.append(entry)
        }
        return code
    }

    /// Uses a code up; nil when it is unknown, used or too old.
    func take(_ code: String) -> TokenUser? {
        let hash = SecretHash(of: code)
        let now = time.now
        return entries.withLock { entries in
            entries.removeAll { $0.expiresAt <= now }
            guard let index = entries.firstIndex(where: { $0.hash.matches(hash) }) else { return nil }
            return entries.remove(at: index).user
        }
    }
}
