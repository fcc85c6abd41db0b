internal import Glibc
internal import Runtime

/// The key that signs access tokens.
package struct AccessSecret: Sendable {
    let bytes: [UInt8]

    /// HS256 needs a key as long as its hash (RFC 7518 §3.2).
    private static let minimumBytes = 32
    private static let fileName = "jwt_secret"

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Takes the configured secret, or the one kept in the state folder, which is made on first use.
    ///
    /// - Throws: `AccessError` when it is too short, or when others than its owner may read the file.
    package static func resolve(_ configured: String?, stateFolder: String) throws(AccessError) -> AccessSecret {
        if let configured {
            let bytes = Array(configured.utf8)
            guard bytes.count >= minimumBytes else {
                throw AccessError(.weakSecret, "JWT_SECRET_KEY must have at least \(minimumBytes) characters")
            }
            return AccessSecret(bytes)
        }
        let path = stateFolder + "/" + fileName
        if let kept = try read(path) { return kept }
        try make(path, in: stateFolder)
        guard let made = try read(path) else { throw AccessError.unreadable(path, ENOENT) }
        return made
    }

    /// The secret in the file; nil when there is none.
    private static func read(_ path: String) throws(AccessError) -> AccessSecret? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw AccessError.unreadable(path, errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw AccessError.unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
            throw AccessError(
                .untrustedSecretFile, "the secret at \(path) must be a file of this user with mode 0600")
        }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw AccessError.unreadable(path, errno) }
        let text = bytes.prefix(count).filter { $0 > 32 }
        guard text.count >= minimumBytes else {
            throw AccessError(.weakSecret, "the secret at \(path) has fewer than \(minimumBytes) characters")
        }
        return AccessSecret(text)
    }

    /// Writes a new secret beside the path and links it there: a crash leaves no half of one, and of two processes that
    /// start at once both read the one that came first.
    private static func make(_ path: String, in folder: String) throws(AccessError) {
        let temporary = folder + "/.jwt_secret." + SecureRandom.hex(bytes: 8)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw AccessError.unreadable(path, errno) }
        defer {
            close(descriptor)
            unlink(temporary)
        }
        let text = Array((SecureRandom.hex(bytes: 32) + "\n").utf8)
        guard write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0 else {
            throw AccessError.unreadable(path, errno)
        }
        guard link(temporary, path) == 0 || errno == EEXIST else { throw AccessError.unreadable(path, errno) }
    }
}
