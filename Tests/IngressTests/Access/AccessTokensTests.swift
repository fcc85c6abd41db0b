import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct AccessTokensTests {
    private static let secretText = "0123456789abcdef0123456789abcdef"
    /// Made by Python's hmac from the claims of `hardware.md` 3, exp in 2100; the same with HS512; and with `none`.
    private static let claims =
        "eyJzdWIiOiI3IiwidXNlcm5hbWUiOiJhZGEiLCJlbWFpbCI6ImFAYi5jIiwiaXNfYWRtaW4iOmZhbHNlLCJzY29wZXMiOlsicmVhZCIsIndya"
        + "XRlIl0sInR5cGUiOiJhY2Nlc3MiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTcwMDAwMDAwMCwiaXNzIjoic3V0YXphaSJ9"
    private static let hs256 =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\(claims).W03RM8X28aT6WS-lZq3Av94AMe7NUwxvXUEGZ5tVphw"
    private static let hs512 =
        "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.\(claims)"
        + ".5KoCCmD9J697cmIjIpn87JawwsWgdskpcT02z7QEAwWba3Ljejr71Ot0ddymykAId5xAgZD_GIez0WtD2btXvw"
    private static let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.\(claims)."

    private let time = ManualTime()

    private func tokens(_ secret: String = secretText) throws -> AccessTokens {
        AccessTokens(secret: try AccessSecret.resolve(secret, stateFolder: "/nowhere"), time: time)
    }

    private func signed(_ claims: String) throws -> String {
        try SignedToken.sign(claims: Array(claims.utf8), secret: Array(Self.secretText.utf8))
    }

    private func refusal(_ token: String) throws -> TokenRefusal? {
        do {
            _ = try tokens().verify(token)
            return nil
        } catch let refusal as TokenRefusal {
            return refusal
        }
    }

    @Test func takesATokenOfAnotherMaker() throws {
        let principal = try tokens().verify(Self.hs256)
        #expect(principal.id == "7")
        #expect(principal.username == "ada")
        #expect(!principal.isAdministrator)
        #expect(principal.has("hardware:monitor"))
        #expect(!principal.has("hardware:optimize"))
    }

    @Test func takesItsOwnTokens() throws {
        let tokens = try tokens()
        let token = try tokens.mint(for: .localAdministrator, lifetime: .seconds(60))
        let principal = try tokens.verify(token.text)
        #expect(principal.isAdministrator)
        #expect(principal.id == "0")
        #expect(try tokens.verify(token.text) == principal)
    }

    @Test func refusesOtherAlgorithms() throws {
        #expect(try refusal(Self.hs512) == .algorithm)
        #expect(try refusal(Self.none) == .algorithm)
    }

    @Test func refusesTamperedTokens() throws {
        let parts = Self.hs256.split(separator: ".")
        let forged = try signed(#"{"sub":"7","is_admin":true,"type":"access","exp":4102444800}"#)
        let payload = forged.split(separator: ".")[1]
        #expect(try refusal("\(parts[0]).\(payload).\(parts[2])") == .signature)
        #expect(try refusal("\(parts[0]).\(parts[1]).") == .signature)
        #expect(try refusal(String(Self.hs256.dropLast(4)) + "AAAA") == .signature)
        #expect(throws: TokenRefusal.signature) { try tokens(String(repeating: "f", count: 32)).verify(Self.hs256) }
    }

    @Test(arguments: ["", "x", "a.b", "a.b.c", "....", "a.b.c.d", String(repeating: "a", count: 10_000)])
    func refusesWhatIsNoToken(_ text: String) throws {
        #expect(try refusal(text) != nil)
    }

    @Test func requiresAnExpiry() throws {
        #expect(try refusal(signed(#"{"sub":"7","type":"access"}"#)) == .noExpiry)
        #expect(try refusal(signed(#"{"sub":"7","type":"access","exp":"soon"}"#)) == .noExpiry)
        #expect(try refusal(signed(#"{"sub":"7","type":"access","exp":1700000001}"#)) == .expired)
        #expect(try refusal(signed(#"{"sub":"7","type":"access","exp":4102444800.5}"#)) == nil)
    }

    @Test func requiresTypeAccessAndASubject() throws {
        #expect(try refusal(signed(#"{"sub":"7","type":"refresh","exp":4102444800}"#)) == .type("refresh"))
        #expect(try refusal(signed(#"{"sub":"7","exp":4102444800}"#)) == .type(nil))
        #expect(try refusal(signed(#"{"type":"access","exp":4102444800}"#)) == .subject)
        #expect(try refusal(signed(#"{"sub":"7","type":"access","exp":4102444800,"nbf":4102444000}"#)) == .notYet)
    }

    @Test func aCachedTokenExpiresToo() throws {
        let tokens = try tokens()
        let token = try tokens.mint(for: .localAdministrator, lifetime: .seconds(60))
        _ = try tokens.verify(token.text)
        time.advance(by: .seconds(61))
        #expect(throws: TokenRefusal.expired) { try tokens.verify(token.text) }
    }

    @Test func permissionsMatchExactlyOrByPrefix() {
        func principal(_ permissions: String...) -> Principal {
            Principal(id: "1", username: "a", isAdministrator: false, permissions: permissions)
        }
        #expect(principal("hardware:*").has("hardware:optimize"))
        #expect(principal("hardware:opt*").has("hardware:optimize"))
        #expect(principal("*").has("fleet:admin"))
        #expect(!principal("hardware:monitor").has("hardware:monitoring"))
        #expect(!principal("Hardware:*").has("hardware:optimize"))
        #expect(!principal().has("hardware:optimize"))
    }
}
