internal import CCrypto

/// The SHA-256 of a secret: what is kept of API keys and sign-in codes.
struct SecretHash: Sendable, Hashable {
    private let bytes: [UInt8]

    init(of secret: String) {
        var secret = secret
        bytes = secret.withUTF8 { text in
            [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
                SHA256(text.baseAddress, text.count, digest.baseAddress)
                count = Int(SHA256_DIGEST_LENGTH)
            }
        }
    }

    /// The hash that `hexadecimal` wrote; nil for anything else.
    init?(hexadecimal text: String) {
        guard text.utf8.count == 2 * Int(SHA256_DIGEST_LENGTH) else { return nil }
        var bytes: [UInt8] = []
        var rest = text[...]
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        self.bytes = bytes
    }

    /// Lower-case hexadecimal digits.
    var hexadecimal: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    /// Whether both are the same, in a time that says nothing about where they differ.
    func matches(_ other: SecretHash) -> Bool { CRYPTO_memcmp(bytes, other.bytes, bytes.count) == 0 }

    /// The first 8 hexadecimal digits: names a key in log lines and owners without giving it away.
    var fingerprint: String { String(hexadecimal.prefix(8)) }
}
