import BusTestKit
import Contracts
import Glibc
import Runtime
import Testing

@testable import Ingress

/// Tokens of another issuer, made with the `openssl` program.
@Suite struct ExternalKeysTests {
    private let folder: TemporaryFolder
    private let time = ManualTime()

    init() throws { folder = try TemporaryFolder() }

    /// Runs openssl in the folder.
    private func openssl(_ arguments: String...) async throws {
        let process = try ChildProcess("/usr/bin/openssl", arguments, environment: ["PATH": "/usr/bin:/bin"])
        try #require(try await process.wait() == 0, "\(arguments): \(process.text)")
    }

    private func path(_ name: String) -> String { folder.path + "/" + name }

    private func makeKeys() async throws {
        try await openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path("rsa.key"))
        try await openssl("pkey", "-in", path("rsa.key"), "-pubout", "-out", path("rsa.pem"))
        try await openssl(
            "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path("ec.key"))
        try await openssl("pkey", "-in", path("ec.key"), "-pubout", "-out", path("ec.pem"))
    }

    private func contents(_ name: String) throws -> [UInt8] {
        let file = try #require(fopen(path(name), "rb"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes.prefix(count))
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        let file = try #require(fopen(path(name), "wb"))
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }

    private func claims(_ more: String = "") -> [UInt8] {
        let end = time.now.advanced(by: .seconds(600)).microseconds / 1_000_000
        return Array(#"{"sub":"1","username":"alice","role":"user","exp":\#(end)\#(more)}"#.utf8)
    }

    private func tokens(_ keys: String?) throws -> AccessTokens {
        AccessTokens(
            secret: try AccessSecret.resolve(TestIngress.secret, stateFolder: "/nowhere"),
            externalKeys: try keys.map { try ExternalKeys(path: path($0)) }, time: time)
    }

    private func refusal(_ token: String, _ tokens: AccessTokens) -> TokenRefusal? {
        do {
            _ = try tokens.verify(token)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["rsa", "ec"]) func takesWhatItsKeyHasSigned(_ kind: String) async throws {
        try await makeKeys()
        let algorithm = kind == "rsa" ? "RS256" : "ES256"
        let token = try SignedToken.sign(claims: claims(), algorithm: algorithm, key: try contents("\(kind).key"))
        let principal = try tokens("\(kind).pem").verify(token)
        #expect(principal.id == "external:1" && principal.username == "alice" && !principal.isAdministrator)
        #expect(principal.has("system:read"))
        let other = kind == "rsa" ? "ec.pem" : "rsa.pem"
        #expect(refusal(token, try tokens(other)) == .algorithm)
        #expect(refusal(token, try tokens(nil)) == .algorithm)
        #expect(refusal(String(token.dropLast(8)) + "AAAAAAAA", try tokens("\(kind).pem")) == .signature)
        let typed = try SignedToken.sign(
            claims: claims(#","type":"refresh""#), algorithm: algorithm, key: try contents("\(kind).key"))
        #expect(refusal(typed, try tokens("\(kind).pem")) == .type("refresh"))
    }

    /// The oldest trick: a token that is signed with the public key as if it were a secret.
    @Test func aPublicKeyIsNoSecret() async throws {
        try await makeKeys()
        let forged = try SignedToken.sign(claims: claims(#","type":"access""#), secret: try contents("rsa.pem"))
        #expect(refusal(forged, try tokens("rsa.pem")) == .signature)
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiIxIn0."
        #expect(refusal(none, try tokens("rsa.pem")) == .algorithm)
    }

    @Test func readsAKeySet() async throws {
        try await makeKeys()
        // RFC 7515, appendices A.2 and A.3.
        let set = """
            {"keys":[{"kty":"oct","k":"AAAA"},{"kty":"EC","crv":"P-256","kid":"e",
            "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
            {"kty":"RSA","kid":"r","use":"sig","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}]}
            """
        try write(Array(set.utf8), "keys.json")
        let keys = try ExternalKeys(path: path("keys.json"))
        #expect(keys.keys.map(\.algorithm) == ["ES256", "RS256"] && keys.keys.map(\.id) == ["e", "r"])
        let rsa =
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
            + "Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
            + "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZ"
            + "RmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt"
            + "5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
        let claims = try JSONDocument(parsing: SignedToken.claims(of: rsa, keys: keys)).root
        #expect(claims["iss"]?.string == "joe")
    }

    @Test func refusesFilesWithoutUsableKeys() async throws {
        try await openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out", path("weak.key"))
        try await openssl("pkey", "-in", path("weak.key"), "-pubout", "-out", path("weak.pem"))
        try write(Array("{\"keys\":[]}".utf8), "empty.json")
        try write(Array("hello".utf8), "text.pem")
        for name in ["weak.pem", "empty.json", "text.pem", "missing.pem"] {
            #expect(throws: AccessError.self, "\(name)") { try ExternalKeys(path: path(name)) }
        }
    }
}
