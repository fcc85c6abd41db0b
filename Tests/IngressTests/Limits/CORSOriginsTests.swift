import HTTPKit
import Testing

@testable import Ingress

@Suite struct CORSOriginsTests {
    @Test func loopbackOriginsHaveAnyPort() {
        for origin in ["http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]:8080", "http://localhost"] {
            #expect(CORSOrigins.loopback.allow(origin), "\(origin)")
        }
        for origin in [
            "https://localhost:3000", "http://localhost.example.org", "http://127.0.0.1.example.org:80", "null", "",
            "http://localhost:3000/", "http://localhost:x", "http://localhost:99999", "http://a@localhost:1", "http://",
            "http://[::1", "http://[::1]x", "file://", "http://[localhost]:1",
        ] {
            #expect(!CORSOrigins.loopback.allow(origin), "\(origin)")
        }
    }

    @Test func aListHoldsWholeOrigins() throws {
        let origins = try #require(CORSOrigins(entries: ["https://App.Example.org:443", "http://10.0.0.1:3000"]))
        #expect(origins.allow("https://app.example.org") && origins.allow("http://10.0.0.1:3000"))
        for origin in [
            "http://app.example.org", "https://example.org", "https://app.example.org:8443",
            "https://app.example.org.evil.test", "http://10.0.0.1", "http://localhost:3000",
        ] {
            #expect(!origins.allow(origin), "\(origin)")
        }
    }

    @Test func theStarAllowsEveryOrigin() throws {
        let origins = try #require(CORSOrigins(entries: ["*"]))
        #expect(origins.allow("https://anything.example.org:1") && !origins.allow("null"))
        #expect(!CORSOrigins.none.allow("http://localhost:3000"))
    }

    @Test func whatIsNoOriginIsRefused() {
        for entry in ["example.org", "https://example.org/", "https://", "ftp://example.org", "https://*.example.org"] {
            #expect(CORSOrigins(entries: [entry]) == nil, "\(entry)")
        }
    }

    @Test func theDefaultFollowsTheListener() {
        #expect(LimitConfiguration().origins(listeningOn: "127.0.0.1") == .loopback)
        #expect(LimitConfiguration().origins(listeningOn: "::1") == .loopback)
        #expect(LimitConfiguration().origins(listeningOn: "0.0.0.0") == CORSOrigins.none)
    }

    @Test func onlyNamesOfHeadersAreEchoed() {
        for (wanted, isEchoed) in [
            ("authorization, content-type", true), ("X-API-Key", true), ("", false), ("a,,b", false), ("a b", false),
            ("a:b", false), ("a\"b", false), ("a,", false),
        ] {
            var headers = HTTPHeaders()
            headers.appendPreflight(wanted: wanted)
            #expect(headers.first("Access-Control-Allow-Headers") == (isEchoed ? wanted : nil), "\(wanted)")
        }
    }
}
