internal import CSodium
internal import Runtime
internal import Synchronization

/// The Argon2id hash of a password, with its salt and cost, as libsodium writes it.
struct PasswordHash: Sendable, Hashable {
    let text: String

    init(text: String) { self.text = text }
}

/// Hashes and checks passwords, one at a time on a thread of its own: each takes 64 MiB and some hundredths of a second,
/// and who tries many at once must wait.
package final class PasswordHasher: Sendable {
    /// Those that may wait; one more is refused.
    private static let maximumWaiting = 64

    private let thread = BlockingThread(name: "passwords")
    private let waiting = Mutex(0)
    /// What the password of nobody is compared with, so that the time does not tell whether there is such a user.
    private let decoy: PasswordHash

    /// - Throws: `AccessError` when libsodium cannot work.
    package init() throws(AccessError) {
        guard sodium_init() >= 0 else { throw AccessError(.passwordLibrary, "libsodium could not be initialized") }
        decoy = Self.hashOfNobody()
    }

    /// - Throws: `AccessError`, `PasswordQueueFull`.
    func hash(_ password: String) async throws -> PasswordHash {
        try await enqueued { try Self.hash(password) }
    }

    /// Whether the password is the one of the hash; nil for nobody's hash takes as long and is false.
    func isRight(_ password: String, for hash: PasswordHash?) async throws -> Bool {
        let wanted = hash ?? decoy
        return try await enqueued { Self.verify(password, wanted) } && hash != nil
    }

    private func enqueued<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        let mayWait = waiting.withLock { waiting in
            guard waiting < Self.maximumWaiting else { return false }
            waiting += 1
            return true
        }
        guard mayWait else { throw PasswordQueueFull() }
        defer { waiting.withLock { $0 -= 1 } }
        return try await thread.run(work)
    }

    private static func hash(_ password: String) throws(AccessError) -> PasswordHash {
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()))
        let result = crypto_pwhash_str(
            &text, password, UInt64(password.utf8.count), UInt64(crypto_pwhash_opslimit_interactive()),
            crypto_pwhash_memlimit_interactive())
        guard result == 0 else { throw AccessError(.passwordLibrary, "there is no memory to hash a password") }
        return PasswordHash(text: String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    /// A hash with the cost of all others that no password has: made of random bytes, because making a real one would
    /// take a tenth of a second of every start.
    static func hashOfNobody() -> PasswordHash {
        let cost = "m=\(crypto_pwhash_memlimit_interactive() / 1024),t=\(crypto_pwhash_opslimit_interactive()),p=1"
        let salt = base64(SecureRandom.bytes(crypto_pwhash_saltbytes()))
        return PasswordHash(text: "$argon2id$v=19$\(cost)$\(salt)$\(base64(SecureRandom.bytes(32)))")
    }

    /// Whether libsodium can read a hash and would give it the cost that new ones get.
    static func isCurrent(_ hash: PasswordHash) -> Bool {
        crypto_pwhash_str_needs_rehash(
            hash.text, UInt64(crypto_pwhash_opslimit_interactive()), crypto_pwhash_memlimit_interactive()) == 0
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let variant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING
        var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(bytes.count, variant))
        sodium_bin2base64(&text, text.count, bytes, bytes.count, variant)
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func verify(_ password: String, _ hash: PasswordHash) -> Bool {
        crypto_pwhash_str_verify(hash.text, password, UInt64(password.utf8.count)) == 0
    }
}

/// Too many passwords wait to be checked.
struct PasswordQueueFull: Error, Sendable {}
