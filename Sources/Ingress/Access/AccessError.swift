internal import Glibc

/// Why the ingress's credentials cannot be used: a setting or a file that its operator must change.
package struct AccessError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure.
    package enum Code: String, Sendable {
        case openBeyondLoopback
        /// The secret is shorter than 32 characters.
        case weakSecret
        /// The secret's file may be read by others, or is not a file of this user.
        case untrustedSecretFile
        case secretFileUnreadable
        /// The token library refused to work.
        case tokenLibrary
        /// The file of another issuer's public keys.
        case unusablePublicKey
        /// libsodium refused to work.
        case passwordLibrary
    }

    package let code: Code
    package let message: String
    /// The system's or the library's error number.
    package let underlyingCode: Int32?
    package var isRetriable: Bool { false }
    package var isFatal: Bool { true }

    package var description: String { message }

    init(_ code: Code, _ message: String, underlyingCode: Int32? = nil) {
        self.code = code
        self.message = message
        self.underlyingCode = underlyingCode
    }

    static func openBeyondLoopback(_ host: String) -> AccessError {
        AccessError(
            .openBeyondLoopback,
            "FLOTILLA_AUTH=open is only allowed on a loopback address; API_HOST is \(host)")
    }

    static func unreadable(_ path: String, _ number: Int32) -> AccessError {
        AccessError(
            .secretFileUnreadable,
            "the secret at \(path) cannot be read or written: \(String(cString: strerror(number)))",
            underlyingCode: number)
    }
}
