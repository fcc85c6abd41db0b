import BusTestKit
import Glibc
import Testing

/// The TLS listener of a real process.
@Suite(.serialized) struct TLSTests {
    private static func environment(_ certificates: TestCertificates) -> [String: String] {
        ["TLS_CERTIFICATE": certificates.certificate, "TLS_PRIVATE_KEY": certificates.key, "LOG_LEVEL": "info"]
    }

    /// Replaces one PEM file with another, as `install` does.
    private static func copy(_ file: String, over other: String) async throws {
        let process = try ChildProcess("/usr/bin/install", [file, other], environment: ["PATH": "/usr/bin:/bin"])
        guard try await process.wait() == 0 else { throw ChildFailure(process.text) }
    }

    /// Whether a server shows a certificate of this authority.
    private static func isTrusted(_ port: UInt16, _ certificates: TestCertificates) async throws -> Bool {
        let process = try ChildProcess(
            "/usr/bin/curl",
            ["-sS", "-m", "20", "--cacert", certificates.authority, "https://127.0.0.1:\(port)/health"],
            environment: ["PATH": "/usr/bin:/bin"])
        return try await process.wait() == 0
    }

    /// A TLS client that keeps one connection open.
    private static func openConnection(_ port: UInt16) throws -> ChildProcess {
        try ChildProcess(
            "/usr/bin/openssl", ["s_client", "-quiet", "-connect", "127.0.0.1:\(port)"],
            environment: ["PATH": "/usr/bin:/bin"], takesInput: true)
    }

    private static let request = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

    @Test func aHangupChangesTheCertificateOfNewConnectionsAlone() async throws {
        let state = try TemporaryFolder()
        let first = try await TestCertificates(in: state.path, named: "first")
        let second = try await TestCertificates(in: state.path, named: "second")
        let fleet = try await Fleet.up(state.path, Self.environment(first))
        #expect(fleet.process.text.contains("https://127.0.0.1:\(fleet.port)"), "\(fleet.process.text)")
        #expect(try await Self.isTrusted(fleet.port, first))
        let open = try Self.openConnection(fleet.port)
        try open.write(Self.request)
        _ = try await withDeadline("an answer") { await open.line(0) { $0.contains("HTTP/1.1 200") } }

        try await Self.copy(second.certificate, over: first.certificate)
        try await Self.copy(second.key, over: first.key)
        fleet.process.send(SIGHUP)
        let line = try await withDeadline("the reload") { await fleet.process.line(containing: "reloaded") }
        #expect(line?.contains("certificate_reloaded") == true, "\(fleet.process.text)")
        #expect(try await Self.isTrusted(fleet.port, second))
        #expect(try await !Self.isTrusted(fleet.port, first))
        try open.write(Self.request)
        let answer = try await withDeadline("an answer on the open connection") {
            await open.line(1) { $0.contains("HTTP/1.1 200") }
        }
        #expect(answer != nil, "\(open.text)")
        open.end()
        #expect(try await fleet.stop() == 0)
    }

    @Test func aReloadThatCannotBeServedKeepsTheOldOne() async throws {
        let state = try TemporaryFolder()
        let first = try await TestCertificates(in: state.path, named: "first")
        let second = try await TestCertificates(in: state.path, named: "second")
        let fleet = try await Fleet.up(state.path, Self.environment(first))
        try await Self.copy(second.key, over: first.key)
        fleet.process.send(SIGHUP)
        let line = try await withDeadline("the refusal") { await fleet.process.line(containing: "reloaded") }
        #expect(line?.contains("certificate_not_reloaded") == true)
        #expect(line?.contains("does not belong to the certificate") == true, "\(fleet.process.text)")
        #expect(try await Self.isTrusted(fleet.port, first))
        #expect(try await fleet.stop() == 0)
    }

    @Test func aKeyThatDoesNotFitIsRefusedAtTheStart() async throws {
        let state = try TemporaryFolder()
        let first = try await TestCertificates(in: state.path, named: "first")
        let second = try await TestCertificates(in: state.path, named: "second")
        let process = try ChildProcess(
            Fleet.program, ["up"],
            environment: Fleet.environment(
                state.path, ["TLS_CERTIFICATE": first.certificate, "TLS_PRIVATE_KEY": second.key]))
        #expect(try await withDeadline("it ends") { try await process.wait() } == 2, "\(process.text)")
        #expect(process.text.contains("does not belong to the certificate"), "\(process.text)")
        #expect(process.text.split(separator: "\n").count == 1, "\(process.text)")
    }

    @Test func clientCommandsTrustAPrivateAuthority() async throws {
        let state = try TemporaryFolder()
        let certificates = try await TestCertificates(in: state.path)
        let fleet = try await Fleet.up(state.path, Self.environment(certificates))
        let words = ["send", "pump-1", "reboot", "--json"]
        let trusting = try ChildProcess(
            Fleet.program, words,
            environment: Fleet.environment(state.path, ["FLOTILLA_CA_FILE": certificates.authority]))
        #expect(try await trusting.wait() == 0, "\(trusting.text)")
        let other = try ChildProcess(Fleet.program, words, environment: Fleet.environment(state.path))
        #expect(try await other.wait() == 3, "\(other.text)")
        #expect(other.text.contains("service_untrusted") && other.text.contains("FLOTILLA_CA_FILE"), "\(other.text)")
        #expect(try await fleet.stop() == 0)
    }
}
