import Glibc
import Testing

@testable import HTTPKit

@Suite(.timeLimit(.minutes(1))) struct HTTPServerTLSTests {
    @Test(.enabled(if: Tool.exist("openssl", "curl"), "needs the commands openssl and curl"))
    func servesOverTLS() async throws {
        let folder = try Tool.temporaryFolder()
        defer { Tool.remove(folder) }
        try await offPool { () throws in
            try Tool.run([
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days",
                "1", "-subj", "/CN=localhost", "-keyout", "\(folder)/key", "-out", "\(folder)/certificate",
            ])
        }
        let identity = TLSIdentity(
            certificate: try Tool.read("\(folder)/certificate"), privateKey: try Tool.read("\(folder)/key"))
        try await withServer(
            { router in
                router.on(.GET, "/ping", .deferred { _, _ in .text("pong over TLS") })
                router.on(.POST, "/small", bodyLimit: 10, .deferred { _, body in .text("\(body.count)") })
            }, configure: { $0.tls = identity }
        ) { server async throws in
            let base = "https://127.0.0.1:\(server.port)"
            try await offPool { () throws in
                try Tool.run(["curl", "-sk", "-m", "10", "-o", "\(folder)/answer", "\(base)/ping"])
                try Tool.run([
                    "curl", "-sk", "-m", "10", "-o", "\(folder)/refusal", "-H", "Transfer-Encoding: chunked", "--data",
                    "more than ten bytes", "\(base)/small",
                ])
            }
            #expect(try Tool.read("\(folder)/answer") == "pong over TLS")
            #expect(try Tool.read("\(folder)/refusal").contains("payload_too_large"))
        }
    }

    @Test func aBadCertificateIsAnError() async {
        await #expect(throws: HTTPServerError.self) {
            _ = try await TestServer.start(
                { _ in }, configure: { $0.tls = TLSIdentity(certificate: "no", privateKey: "no") })
        }
    }
}
