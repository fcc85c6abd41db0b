/// What a TLS listener shows and signs with.
package struct TLSIdentity: Sendable, Hashable {
    /// The certificate chain, leaf first, as PEM text.
    package var certificate: String
    /// The private key as PEM text, unencrypted.
    package var privateKey: String

    /// Makes an identity from PEM texts.
    package init(certificate: String, privateKey: String) {
        self.certificate = certificate
        self.privateKey = privateKey
    }
}
