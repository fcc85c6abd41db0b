import Testing

@testable import HTTPKit

@Suite(
    .timeLimit(.minutes(1)), .enabled(if: Tool.exist("openssl", "curl"), "needs the commands openssl and curl"))
struct HTTPServerTLSTests {
    private func serve(_ identity: TLSIdentity, _ body: (TestServer) async throws -> Void) async throws {
        try await withServer(
            { router in
                router.on(.GET, "/ping", .deferred { _, _ in .text("pong over TLS") })
                router.on(.POST, "/small", bodyLimit: 10, .deferred { _, body in .text("\(body.count)") })
            }, configure: { $0.tls = identity }, body)
    }

    @Test func servesOverTLS() async throws {
        let one = try await offPool { try TestIdentity("one") }
        try await serve(one.identity()) { server async throws in
            try await offPool { [port = server.port] () throws in
                #expect(try one.ask(port, "/ping") == "pong over TLS")
                #expect(try one.ask(port, "/ping", ["--tls-max", "1.2"]) == "pong over TLS")
                let refusal = try one.ask(
                    port, "/small", ["-H", "Transfer-Encoding: chunked", "--data", "more than ten bytes"])
                #expect(refusal.contains("payload_too_large"))
            }
        }
    }

    @Test func newConnectionsGetTheNewCertificate() async throws {
        let (one, other) = try await offPool { (try TestIdentity("one"), try TestIdentity("other")) }
        try await serve(one.identity()) { server async throws in
            try await offPool { [port = server.port] () throws in
                #expect(try one.ask(port, "/ping") == "pong over TLS")
                #expect(throws: ClientError.self) { try other.ask(port, "/ping") }
            }
            try server.replaceIdentity(other.identity())
            try await offPool { [port = server.port] () throws in
                #expect(try other.ask(port, "/ping") == "pong over TLS")
                #expect(throws: ClientError.self) { try one.ask(port, "/ping") }
            }
            let mixed = TLSIdentity(
                certificate: try one.identity().certificate, privateKey: try other.identity().privateKey)
            #expect(throws: TLSError.self) { try server.replaceIdentity(mixed) }
            try await offPool { [port = server.port] () throws in
                #expect(try other.ask(port, "/ping") == "pong over TLS")
            }
        }
    }

    @Test func plainHTTPAndOldVersionsAreTurnedAway() async throws {
        let one = try await offPool { try TestIdentity("one") }
        try await serve(one.identity()) { server async throws in
            try await server.client { client throws in
                try client.send("GET /ping HTTP/1.1\r\nHost: t\r\n\r\n")
                #expect(client.isClosedByServer())
            }
            try await offPool { [port = server.port] () throws in
                #expect(throws: ClientError.self) {
                    try one.ask(port, "/ping", ["--ciphers", "DEFAULT@SECLEVEL=0", "--tlsv1.0", "--tls-max", "1.1"])
                }
                #expect(try one.ask(port, "/ping") == "pong over TLS")
            }
        }
    }

    @Test func aClientThatDoesNotShakeHandsIsClosed() async throws {
        let one = try await offPool { try TestIdentity("one") }
        try await withServer(
            { router in router.on(.GET, "/ping", .immediate { _, _ in .text("pong") }) },
            configure: {
                $0.tls = try? one.identity()
                $0.headerTimeout = .milliseconds(200)
            }
        ) { server async throws in
            try await server.client { client in #expect(client.isClosedByServer()) }
            try await offPool { [port = server.port] () throws in
                #expect(try one.ask(port, "/ping") == "pong")
            }
        }
    }

    @Test func aBadCertificateIsAnError() async {
        await #expect(throws: HTTPServerError.self) {
            _ = try await TestServer.start(
                { _ in }, configure: { $0.tls = TLSIdentity(certificate: "no", privateKey: "no") })
        }
    }
}
