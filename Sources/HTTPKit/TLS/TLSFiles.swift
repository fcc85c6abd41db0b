import Glibc
package import Runtime

/// The two PEM files that a TLS listener's identity is read from.
package struct TLSFiles: Sendable, Hashable {
    /// The path of the certificate chain, leaf first.
    package var certificate: String
    /// The path of the unencrypted private key.
    package var privateKey: String

    /// A chain and a key are a few KiB; more is a wrong path.
    private static let largestFile = 1 << 20

    /// Makes a pair of paths; reads nothing.
    package init(certificate: String, privateKey: String) {
        self.certificate = certificate
        self.privateKey = privateKey
    }

    /// Reads both files; blocks.
    /// - Throws: `TLSError` unless they can be read, fit each other, and are valid at `now`.
    package func load(now: Timestamp) throws(TLSError) -> (identity: TLSIdentity, certificate: TLSCertificate) {
        let identity = TLSIdentity(
            certificate: try Self.read(certificate, .badCertificate), privateKey: try Self.read(privateKey, .badKey))
        _ = try TLSCredentials(identity)
        let leaf = try TLSCertificate(pem: identity.certificate)
        guard leaf.notAfter > now else {
            throw TLSError(code: .notValidNow, message: "\(certificate) expired at \(leaf.notAfter.rfc3339)")
        }
        guard leaf.notBefore <= now else {
            throw TLSError(
                code: .notValidNow, message: "\(certificate) is not valid before \(leaf.notBefore.rfc3339)")
        }
        return (identity, leaf)
    }

    private static func read(_ path: String, _ code: TLSError.Code) throws(TLSError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path, code) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, code) }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= largestFile else {
                throw TLSError(code: code, message: "\(path) is larger than 1 MiB")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TLSError(code: code, message: "\(path) is not PEM text")
        }
        return text
    }

    private static func failure(_ path: String, _ code: TLSError.Code) -> TLSError {
        TLSError(code: code, message: "\(path) cannot be read: \(String(cString: strerror(errno)))")
    }
}
