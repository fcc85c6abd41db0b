internal import CJWT
internal import Glibc

/// Signing and checking of JSON Web Tokens by libjwt 1.10. Its objects live only inside one call.
enum SignedToken {
    /// Longer tokens are refused unread; HTTP headers are not longer either.
    private static let maximumBytes = 8192

    /// The token of claims (a JSON object), signed with HS256.
    static func sign(claims: [UInt8], secret: [UInt8]) throws(AccessError) -> String {
        var pointer: OpaquePointer?
        let made = jwt_new(&pointer)
        guard made == 0, let jwt = pointer else { throw failure(made) }
        defer { jwt_free(jwt) }
        let json = String(decoding: claims, as: UTF8.self)
        var result = jwt_add_grants_json(jwt, json)
        if result == 0 { result = jwt_set_alg(jwt, JWT_ALG_HS256, secret, Int32(secret.count)) }
        guard result == 0 else { throw failure(result) }
        guard let text = jwt_encode_str(jwt) else { throw failure(errno) }
        defer { free(text) }
        return String(cString: text)
    }

    /// The claims (a JSON object) of a token whose HS256 signature is right.
    static func claims(of token: String, secret: [UInt8]) throws(TokenRefusal) -> [UInt8] {
        guard token.utf8.count <= maximumBytes, !token.utf8.contains(0), token.utf8.count(where: { $0 == 46 }) == 2
        else { throw .malformed }
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

    /// Whether the header of a token that did not verify names HS256; only chooses the message.
    private static func namesOurAlgorithm(_ token: String) -> Bool {
        var pointer: OpaquePointer?
        // Without a key nothing is verified.
        guard jwt_decode(&pointer, token, nil, 0) == 0, let jwt = pointer else { return true }
        defer { jwt_free(jwt) }
        guard let name = jwt_get_header(jwt, "alg") else { return false }
        return String(cString: name) == "HS256"
    }

    private static func failure(_ code: Int32) -> AccessError {
        AccessError(.tokenLibrary, "the token library could not sign", underlyingCode: code)
    }
}
