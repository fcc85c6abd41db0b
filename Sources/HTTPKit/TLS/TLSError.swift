/// Why a certificate and its key can't be served.
package struct TLSError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure.
    package enum Code: String, Sendable, Hashable {
        /// The certificate's file can't be read, or isn't a chain of certificates in PEM.
        case badCertificate
        /// The key's file can't be read, or isn't an unencrypted private key in PEM.
        case badKey
        /// The key isn't the certificate's.
        case mismatch
        /// The certificate is expired, or not valid yet.
        case notValidNow
    }

    /// The kind of failure.
    package let code: Code
    /// A part of a sentence that names the file or the time; never a part of the key.
    package let message: String

    package var description: String { message }
}
