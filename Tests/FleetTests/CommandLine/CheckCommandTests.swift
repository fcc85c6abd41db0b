import BusTestKit
import Contracts
import Runtime
import Testing

@testable import flotilla

@Suite struct CheckCommandTests {
    private let folder: TemporaryFolder
    private let environment: [String: String]

    init() throws {
        folder = try TemporaryFolder()
        environment = ["HOME": folder.path, "API_PORT": "0"]
    }

    private func check(
        _ words: [String] = [], _ extra: [String: String] = [:]
    ) async throws -> (code: ExitCode, root: JSONValue) {
        let captured = CapturedConsole()
        let program = Program(
            console: captured.console, environment: environment.merging(extra) { $1 }, time: SystemTime())
        let code = await program.run(["check", "--json"] + words)
        return (code, try JSONDocument(parsing: captured.text).root)
    }

    private func setting(_ name: String, _ root: JSONValue) -> JSONValue? {
        root["settings"]?.elements.first { $0["name"]?.string == name }
    }

    private func findings(_ root: JSONValue, _ result: String) -> [String] {
        root["checks"]?.elements.filter { $0["result"]?.string == result }.compactMap { $0["check"]?.string } ?? []
    }

    @Test func showsWhatIsInEffectAndWhereItCameFrom() async throws {
        try folder.write("LOG_LEVEL=debug\n", to: "settings.env")
        let (code, root) = try await check(
            ["--metrics-interval-seconds", "2"],
            [
                "FLOTILLA_ENV_FILE": folder.path + "/settings.env", "COMMAND_ACK_TIMEOUT_MS": "500",
                "JWT_SECRET_KEY": "a-secret-of-more-than-32-bytes-in-all",
            ])
        #expect(code == .success)
        #expect(root["valid"]?.bool == true)
        #expect(setting("METRICS_INTERVAL_SECONDS", root)?["source"]?.string == "flag")
        #expect(setting("COMMAND_ACK_TIMEOUT_MS", root)?["value"]?.string == "500")
        #expect(setting("COMMAND_ACK_TIMEOUT_MS", root)?["source"]?.string == "environment")
        #expect(setting("LOG_LEVEL", root)?["source"]?.string == folder.path + "/settings.env:1")
        #expect(setting("API_HOST", root)?["value"]?.string == "127.0.0.1")
        #expect(setting("API_HOST", root)?["source"]?.string == "default")
        #expect(setting("FLOTILLA_STATE", root)?["value"]?.string == folder.path + "/.local/state/flotilla")
        #expect(setting("JWT_SECRET_KEY", root)?["set"]?.bool == true)
        #expect(setting("JWT_SECRET_KEY", root)?["value"]?.isNull == true)
        // Nothing was made.
        #expect(!StateFolder(path: folder.path + "/.local").exists)
    }

    @Test func namesEverythingWrongAtOnceAndExits2() async throws {
        try folder.write("", to: "file")
        let (code, root) = try await check(
            ["--state", folder.path + "/file"], ["LOG_LEVEL": "loud", "API_PORT": "x", "TLS_CERTIFICATE": "/nowhere"])
        #expect(code == .configuration)
        #expect(root["valid"]?.bool == false)
        let problems = findings(root, "problem")
        #expect(Set(problems) == ["LOG_LEVEL", "API_PORT", "TLS_PRIVATE_KEY", "state folder"], "\(problems)")
    }

    @Test func aPortInUseIsAProblem() async throws {
        let ingress = try await Fleet.up(folder.path + "/other")
        let (code, root) = try await check([], ["API_PORT": "\(ingress.port)"])
        #expect(code == .configuration)
        #expect(findings(root, "problem") == ["port"])
        // Beside the fleet that it would replace, it is what one expects.
        let (beside, same) = try await check(
            ["--state", folder.path + "/other"], ["API_PORT": "\(ingress.port)"])
        #expect(beside == .success)
        #expect(findings(same, "warning") == ["state folder", "port"])
        #expect(try await ingress.stop() == 0)
    }

    @Test func aBrokerThatIsAwayIsAWarningUnlessStrict() async throws {
        // Port 9, discard: nobody listens there.
        let away = ["RABBITMQ_URL": "amqp://fleet:hidden@127.0.0.1:9/", "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"]
        let (code, root) = try await check([], away)
        #expect(code == .success)
        #expect(findings(root, "warning") == ["RabbitMQ", "Kafka"])
        #expect(try await check(["--strict"], away).code == .configuration)
        let captured = CapturedConsole()
        let program = Program(
            console: captured.console, environment: environment.merging(away) { $1 }, time: SystemTime())
        #expect(await program.run(["check"]) == .success)
        #expect(captured.lines.contains { $0.hasPrefix("RABBITMQ_URL") && $0.contains(" set ") }, "\(captured.text)")
        #expect(!captured.text.contains("hidden"))
    }

    @Test func showsTheCertificate() async throws {
        let certificates = try await TestCertificates(in: folder.path)
        let captured = CapturedConsole()
        #expect(
            await captured.run(
                "check", "--api-port", "0", "--tls-certificate", certificates.certificate, "--tls-private-key",
                certificates.key, environment: environment) == .success)
        // It is good for a day, which is worth a warning.
        let line = captured.lines.first { $0.hasPrefix("certificate") }
        #expect(line?.contains("warning  for localhost, 127.0.0.1, until ") == true, "\(captured.text)")
    }

    @Test func aNameThatNobodyReadsIsAWarning() async throws {
        try folder.write("API_PROT=9000\n", to: "settings.env")
        let (code, root) = try await check([], ["FLOTILLA_ENV_FILE": folder.path + "/settings.env"])
        #expect(code == .success)
        #expect(findings(root, "warning") == ["API_PROT"])
        let detail = root["checks"]?.elements.compactMap { $0["detail"]?.string }.joined() ?? ""
        #expect(detail.contains("did you mean API_PORT?"))
    }
}
