internal import CSodium
internal import Runtime

/// What webhooks are signed with, as Standard Webhooks has it: `whsec_` and the key in base64.
struct WebhookSecret: Sendable, Hashable {
    private static let prefix = "whsec_"
    private static let keyBytes = 32

    /// As receivers configure it.
    let text: String
    private let key: [UInt8]

    /// Nil for what is no secret.
    init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let encoded = Array(text.utf8.dropFirst(Self.prefix.utf8.count))
        var key = [UInt8](repeating: 0, count: encoded.count)
        var length = 0
        let isDecoded = encoded.withUnsafeBytes { encoded in
            sodium_base642bin(
                &key, key.count, encoded.bindMemory(to: CChar.self).baseAddress, encoded.count, nil, &length, nil,
                sodium_base64_VARIANT_ORIGINAL) == 0
        }
        guard isDecoded, (24...64).contains(length) else { return nil }
        self.text = text
        self.key = Array(key.prefix(length))
    }

    private init(key: [UInt8]) {
        self.key = key
        text = Self.prefix + Self.base64(key)
    }

    static func random() -> WebhookSecret { WebhookSecret(key: SecureRandom.bytes(keyBytes)) }

    /// The header `webhook-signature`: version 1, HMAC-SHA256 of id, time and body.
    /// - Parameter seconds: since 1970, as in the header `webhook-timestamp`.
    func signature(id: String, seconds: Int64, body: [UInt8]) -> String {
        let head = Array("\(id).\(seconds).".utf8)
        var state = crypto_auth_hmacsha256_state()
        var digest = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
        crypto_auth_hmacsha256_init(&state, key, key.count)
        crypto_auth_hmacsha256_update(&state, head, UInt64(head.count))
        crypto_auth_hmacsha256_update(&state, body, UInt64(body.count))
        crypto_auth_hmacsha256_final(&state, &digest)
        return "v1," + Self.base64(digest)
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let variant = sodium_base64_VARIANT_ORIGINAL
        var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(bytes.count, variant))
        sodium_bin2base64(&text, text.count, bytes, bytes.count, variant)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
