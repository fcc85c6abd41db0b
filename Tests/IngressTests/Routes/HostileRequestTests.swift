import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

/// What a client may send to do harm: each is answered with the one error body and a status below 500, and the next
/// request is served.
@Suite struct HostileRequestTests {
    private static let paths = [
        "/api/v1/hardware/optimize/../../../etc/passwd", "/api/v1/hardware/optimize/..%2f..%2fetc%2fpasswd",
        "/api/v1/commands/%00/status", "/api/v1/commands/%c0%ae%c0%ae/status", "/api/v1/commands/%ff%fe/status",
        "/api/v1/commands/%ed%a0%80/status", "/%", "/%zz", "//", "/./", "/..",
        "/api/v1/commands/'%20OR%20'1'='1/status",
        "/api/v1/system/stats?host=%00", "/api/v1/system/stats?host=';DROP%20TABLE%20hosts;--",
        "/api/v1/system/stats/history?hours=1e999", "/api/v1/system/stats/history?hours=NaN",
        "/api/v1/system/stats/history?hours=-0", "/api/v1/audit?who=%00&event=';--&skip=99999999999999999999",
        "/api/v1/audit?since=9999999999999", "/api/v1/hardware/optimize?limit=1%00&status_filter='%20OR%201=1",
    ]

    @Test func pathsAndQueries() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let token = try ingress.token()
            for path in Self.paths {
                let answer = try await ingress.client.get(path, token: token)
                #expect((200..<500).contains(answer.status), "\(path): \(answer.text)")
                if answer.status >= 400 { try expectErrorBody(answer, path) }
                #expect(!answer.text.contains("root:"), "\(path)")
            }
            #expect(try await ingress.client.get("/health").status == 200)
        }
    }

    private static let values = [
        "'; DROP TABLE commands; --", "\\u0000", "\\ud800", "../../etc/passwd", "\\u202e", "${jndi:ldap://x}",
        "{{7*7}}",
        "<script>alert(1)</script>", String(repeating: "A", count: 100_000),
    ]

    @Test func textsInEveryField() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let token = try ingress.token()
            for value in Self.values {
                let bodies = [
                    (
                        "/api/v1/commands",
                        #"{"request_id":"\#(value)","device_id":"d","command_type":"c","protocol":"mqtt"}"#
                    ),
                    (
                        "/api/v1/commands",
                        #"{"device_id":"\#(value)","command_type":"\#(value)","payload":{"\#(value)":1}}"#
                    ),
                    ("/api/v1/hardware/optimize", #"{"optimization_type":"\#(value)","priority":"\#(value)"}"#),
                    ("/auth/login", #"{"username":"\#(value)","password":"\#(value)"}"#),
                    ("/auth/register", #"{"username":"\#(value)","email":"\#(value)","password":"\#(value)"}"#),
                    ("/auth/refresh", #"{"refresh_token":"\#(value)"}"#),
                ]
                for (path, body) in bodies {
                    let answer = try await ingress.client.send("POST", path, token: token, body: body)
                    #expect((200..<500).contains(answer.status), "\(path) \(body.prefix(80)): \(answer.text)")
                    if answer.status >= 400 { try expectErrorBody(answer, path) }
                }
            }
            #expect(try await ingress.client.get("/health").status == 200)
        }
    }

    private static let bodies = [
        #"{"optimization_type":"memory","optimization_type":"cpu"}"#,
        #"{"username":"a","username":"b","password":"c"}"#,
        String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 10_000),
        #"{"a":"# + String(repeating: "[", count: 119) + String(repeating: "]", count: 119) + "}",
        #"{"optimization_type":1e400}"#, #"{"rollback_timeout_minutes":99999999999999999999999999}"#,
        #"{"rollback_timeout_minutes":-1e308}"#, "\u{feff}{}", "nul", "{\"a\":1}}", "{'a':1}", "{\"a\":\u{1}}", "\"",
        "",
        #"{"parameters":{"\u0000":"\uDFFF"}}"#,
    ]

    @Test func bodiesThatAreNoGoodJSON() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let token = try ingress.token()
            for path in ["/api/v1/commands", "/api/v1/commands/batch", "/api/v1/hardware/optimize", "/auth/login"] {
                for body in Self.bodies {
                    let answer = try await ingress.client.send("POST", path, token: token, body: body)
                    #expect((200..<500).contains(answer.status), "\(path) \(body.prefix(60)): \(answer.text)")
                    if answer.status >= 400 { try expectErrorBody(answer, "\(path) \(body.prefix(60))") }
                }
            }
            #expect(try await ingress.client.get("/health").status == 200)
        }
    }

    /// Where two programs could take one request for two, it is none: refused, and the connection closed.
    @Test(arguments: [
        "Content-Length: 4\r\nContent-Length: 44", "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked, identity", "Transfer-Encoding: x", "Content-Length: +4", "Content-Length: 0x4",
        "Content-Length: -1", "Content-Length: 4, 4", "Content-Length: 99999999999999999999", "X: a\r\n folded: b",
        " Content-Length: 4", "Content-Length : 4", "X-Request-ID: a\u{0}b", "X\u{b}Y: 1",
    ])
    func requestsThatAreAmbiguous(_ headers: String) async throws {
        try await TestIngress.run { ingress in
            let smuggled = "GET /health HTTP/1.1\r\nHost: inner\r\n\r\n"
            let answer = try await ingress.client.raw(
                "POST /auth/login HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\(headers)\r\n\r\n{}\r\n\(smuggled)")
            #expect((400..<500).contains(answer.status), "\(headers): \(answer.status) \(answer.text)")
            #expect(!answer.text.contains("HTTP/1.1 200"), "\(headers): the second request was answered")
            #expect(try await ingress.client.get("/health").status == 200)
        }
    }

    private func expectErrorBody(_ answer: TestClient.Answer, _ what: String) throws {
        let json = try answer.json()
        for name in ["error", "message", "detail", "details", "timestamp", "request_id"] {
            #expect(json[name] != nil, "\(what): no \(name) in \(answer.text)")
        }
        for leak in ["SQLite", "sqlite", "Sources/", "Swift.", "/tmp/"] {
            #expect(!answer.text.contains(leak), "\(what) tells of \(leak)")
        }
    }
}
