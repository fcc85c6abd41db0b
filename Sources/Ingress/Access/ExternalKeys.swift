internal import CCrypto
internal import Contracts
internal import Glibc

/// The public keys of another issuer, whose tokens are taken too: RS256 and ES256, never by a token's own choice: a key
/// is only ever used with its own algorithm.
package struct ExternalKeys: Sendable {
    struct Key: Sendable, Hashable {
        /// The `kid` of a JWK; nil for the one key of a PEM file.
        let id: String?
        /// `RS256` or `ES256`.
        let algorithm: String
        /// As libjwt takes it.
        let pem: [UInt8]
    }

    let keys: [Key]

    /// Shorter RSA keys are no protection (NIST SP 800-57).
    private static let leastRSABits: Int32 = 2048
    private static let largestFile = 1 << 20

    /// Reads a PEM file with one public key, or a JWKS file (RFC 7517).
    /// - Throws: `AccessError` when it cannot be read, or holds no key that can be used.
    package init(path: String) throws(AccessError) {
        let bytes = try Self.read(path)
        let isJSON = bytes.first { $0 > 32 } == UInt8(ascii: "{")
        keys = isJSON ? Self.keySet(bytes) : [Self.key(pem: bytes)].compactMap(\.self)
        guard !keys.isEmpty else {
            throw AccessError(
                .unusablePublicKey,
                "\(path) holds no RSA key of \(Self.leastRSABits) bits or more and no P-256 key, in PEM or as JWKS")
        }
    }

    /// The keys that may have signed a token of this algorithm; one with an id only if the token names it.
    func candidates(algorithm: String, id: String?) -> [Key] {
        keys.filter { $0.algorithm == algorithm && ($0.id == nil || id == nil || $0.id == id) }
    }

    private static func read(_ path: String) throws(AccessError) -> [UInt8] {
        func failure() -> AccessError {
            AccessError(
                .unusablePublicKey, "\(path) cannot be read: \(String(cString: strerror(errno)))",
                underlyingCode: errno)
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: largestFile)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw failure() }
        return Array(bytes.prefix(count))
    }

    private static func key(pem: [UInt8]) -> Key? {
        let key = pem.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { flotilla_public_key($0.baseAddress, Int32($0.count)) }
        }
        return take(key, id: nil)
    }

    private static func keySet(_ json: [UInt8]) -> [Key] {
        guard let root = try? JSONDocument(parsing: json).root, let keys = root["keys"] else { return [] }
        return keys.elements.compactMap { jwk in
            guard jwk["use"]?.string ?? "sig" == "sig" else { return nil }
            return take(publicKey(jwk), id: jwk["kid"]?.string)
        }
    }

    /// The key of a JWK (RFC 7518 §6); nil for kinds that are not taken.
    private static func publicKey(_ jwk: JSONValue) -> OpaquePointer? {
        func number(_ name: String) -> [UInt8]? { jwk[name]?.string.flatMap { Base64URL.decode($0) } }
        switch jwk["kty"]?.string {
        case "RSA":
            guard let n = number("n"), let e = number("e") else { return nil }
            return flotilla_rsa_key(n, Int32(clamping: n.count), e, Int32(clamping: e.count))
        case "EC":
            guard jwk["crv"]?.string == "P-256", let x = number("x"), let y = number("y"), x.count == 32, y.count == 32
            else { return nil }
            let point = [4] + x + y
            return flotilla_p256_key(point, point.count)
        default: return nil
        }
    }

    /// Frees the key.
    private static func take(_ key: OpaquePointer?, id: String?) -> Key? {
        guard let key else { return nil }
        defer { EVP_PKEY_free(key) }
        let algorithm: String
        if flotilla_is_rsa(key) != 0, EVP_PKEY_get_bits(key) >= leastRSABits {
            algorithm = "RS256"
        } else if flotilla_is_p256(key) != 0 {
            algorithm = "ES256"
        } else {
            return nil
        }
        guard let text = flotilla_public_key_pem(key) else { return nil }
        defer { free(text) }
        return Key(id: id, algorithm: algorithm, pem: Array(String(cString: text).utf8))
    }
}

/// Base64 for URLs, without padding (RFC 4648 §5).
enum Base64URL {
    /// Nil for anything else.
    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for character in text.utf8 {
            guard let value = value(of: character) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
