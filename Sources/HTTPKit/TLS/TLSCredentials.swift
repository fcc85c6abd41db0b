import CGnuTLS
import Glibc
import Synchronization

/// A certificate and its key in the TLS library's form; freed when nobody uses it any more.
///
/// `@unchecked`: the pointer never changes, and what it points to is only read after `init`.
final class TLSCredentials: @unchecked Sendable {
    private let pointer: gnutls_certificate_credentials_t

    /// - Throws: `TLSError` when one is malformed or they don't fit each other.
    init(_ identity: TLSIdentity) throws(TLSError) {
        _ = try TLSCertificate(pem: identity.certificate)
        var allocated: gnutls_certificate_credentials_t?
        let made = gnutls_certificate_allocate_credentials(&allocated)
        guard made == GNUTLS_E_SUCCESS, let pointer = allocated else {
            throw TLSError(code: .badCertificate, message: "there is no memory for the certificate")
        }
        let status = identity.certificate.withDatum { certificate in
            identity.privateKey.withDatum { key in
                gnutls_certificate_set_x509_key_mem(pointer, certificate, key, GNUTLS_X509_FMT_PEM)
            }
        }
        guard status >= 0 else {
            gnutls_certificate_free_credentials(pointer)
            guard status == GNUTLS_E_CERTIFICATE_KEY_MISMATCH else {
                throw TLSError(
                    code: .badKey,
                    message: "the private key is not an unencrypted one in PEM: \(gnuTLSReason(status))")
            }
            throw TLSError(code: .mismatch, message: "the private key does not belong to the certificate")
        }
        self.pointer = pointer
    }

    deinit { gnutls_certificate_free_credentials(pointer) }

    /// Makes a session that has not begun its handshake show this certificate; the caller keeps the credentials for as
    /// long as the session lives.
    func use(on session: UnsafeMutableRawPointer) {
        gnutls_credentials_set(OpaquePointer(session), GNUTLS_CRD_CERTIFICATE, UnsafeMutableRawPointer(pointer))
    }
}

/// The credentials that new connections get.
final class CurrentCredentials: Sendable {
    private let state = Mutex<TLSCredentials?>(nil)

    /// Nil where plain HTTP is served.
    var current: TLSCredentials? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// The TLS library's words for a failure.
func gnuTLSReason(_ code: Int32) -> String {
    gnutls_strerror(code).map { String(cString: $0) } ?? "error \(code)"
}

extension String {
    /// The text as the TLS library takes it, for the call.
    func withDatum<T>(_ body: (UnsafePointer<gnutls_datum_t>) -> T) -> T {
        var bytes = Array(utf8)
        return bytes.withUnsafeMutableBufferPointer { buffer in
            var datum = gnutls_datum_t(data: buffer.baseAddress, size: UInt32(clamping: buffer.count))
            return withUnsafePointer(to: &datum, body)
        }
    }
}
