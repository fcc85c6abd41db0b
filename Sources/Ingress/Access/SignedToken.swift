internal import CJWT
internal import Glibc

/// Signing and checking of JSON Web Tokens by libjwt 1.10. Its objects live only inside one call.
enum SignedToken {
    /// Longer tokens are refused unread; HTTP headers are not longer either.
    private static let maximumBytes = 8192

    /// The token of claims (a JSON object), signed with HS256.
    static func sign(claims: [UInt8], secret: [UInt8]) throws(AccessError) -> String {
        try sign(claims: claims, algorithm: "HS256", key: secret)
    }

    /// The token of claims, signed with a secret or a private key in PEM.
    static func sign(claims: [UInt8], algorithm: String, key: [UInt8]) throws(AccessError) -> String {
        var pointer: OpaquePointer?
        let made = jwt_new(&pointer)
        guard made == 0, let jwt = pointer else { throw failure(made) }
        defer { jwt_free(jwt) }
        let json = String(decoding: claims, as: UTF8.self)
        var result = jwt_add_grants_json(jwt, json)
        if result == 0 { result = jwt_set_alg(jwt, jwt_str_alg(algorithm), key, Int32(key.count)) }
        guard result == 0 else { throw failure(result) }
        guard let text = jwt_encode_str(jwt) else { throw failure(errno) }
        defer { free(text) }
        return String(cString: text)
    }

    /// The claims (a JSON object) of a token whose HS256 signature is right.
    static func claims(of token: String, secret: [UInt8]) throws(TokenRefusal) -> [UInt8] {
        try checkForm(token)
        var pointer: OpaquePointer?
        // The library takes the algorithm from the header, verifies with the key, and refuses `none` where there is a
        // key; that the algorithm is ours is checked below, before any claim is read.
        let result = jwt_decode(&pointer, token, secret, Int32(secret.count))
        guard result == 0, let jwt = pointer else { throw namesOurAlgorithm(token) ? .signature : .algorithm }
        defer { jwt_free(jwt) }
        guard jwt_get_alg(jwt) == JWT_ALG_HS256 else { throw .algorithm }
        guard let json = jwt_get_grants_json(jwt, nil) else { throw .malformed }
        defer { free(json) }
        return Array(UnsafeRawBufferPointer(start: json, count: strlen(json)))
    }

    /// The claims (a JSON object) of a token that one of another issuer's keys has signed, with that key's algorithm.
    static func claims(of token: String, keys: ExternalKeys) throws(TokenRefusal) -> [UInt8] {
        try checkForm(token)
        guard let header = header(of: token) else { throw .malformed }
        let candidates = keys.candidates(algorithm: header.algorithm, id: header.key)
        guard !candidates.isEmpty else { throw .algorithm }
        for key in candidates {
            var pointer: OpaquePointer?
            guard jwt_decode(&pointer, token, key.pem, Int32(key.pem.count)) == 0, let jwt = pointer else { continue }
            defer { jwt_free(jwt) }
            guard jwt_get_alg(jwt) == (key.algorithm == "RS256" ? JWT_ALG_RS256 : JWT_ALG_ES256) else { continue }
            guard let json = jwt_get_grants_json(jwt, nil) else { throw .malformed }
            defer { free(json) }
            return Array(UnsafeRawBufferPointer(start: json, count: strlen(json)))
        }
        throw .signature
    }

    private static func checkForm(_ token: String) throws(TokenRefusal) {
        guard token.utf8.count <= maximumBytes, !token.utf8.contains(0), token.utf8.count(where: { $0 == 46 }) == 2
        else { throw .malformed }
    }

    /// Whether the header of a token that did not verify names HS256; only chooses the message.
    private static func namesOurAlgorithm(_ token: String) -> Bool {
        header(of: token)?.algorithm ?? "HS256" == "HS256"
    }

    /// What a token says of itself; nothing of it is believed, it only chooses the key to try.
    static func header(of token: String) -> (algorithm: String, key: String?)? {
        var pointer: OpaquePointer?
        // Without a key nothing is verified.
        guard jwt_decode(&pointer, token, nil, 0) == 0, let jwt = pointer else { return nil }
        defer { jwt_free(jwt) }
        let algorithm = jwt_get_header(jwt, "alg").map { String(cString: $0) } ?? ""
        return (algorithm, jwt_get_header(jwt, "kid").map { String(cString: $0) })
    }

    private static func failure(_ code: Int32) -> AccessError {
        AccessError(.tokenLibrary, "the token library could not sign", underlyingCode: code)
    }
}
