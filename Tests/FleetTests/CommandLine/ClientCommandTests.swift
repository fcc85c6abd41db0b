import BusTestKit
import Contracts
import HTTPKit
import Runtime
import Testing

@testable import flotilla

@Suite struct ClientCommandTests {
    private let time = ManualTime()

    private func invocation(_ words: String...) throws -> Invocation {
        guard case .run(let path, let command, let arguments) = try ArgumentParser(root: CommandTree.root).parse(words)
        else { throw CommandFailure(.failed, "help", "help was asked for") }
        return Invocation(
            path: path, command: command, arguments: arguments, console: CapturedConsole().console, environment: [:],
            time: time)
    }

    @Test func theRequestHoldsWhatWasAsked() throws {
        let body = try SendCommand.requestBody(
            invocation(
                "send", "pump-1", "config", "--payload", "{\"rate\": 5}", "--protocol", "coap", "--priority", "-3",
                "--expires-in", "10m"))
        let root = try JSONDocument(parsing: body).root
        #expect(root["device_id"]?.string == "pump-1")
        #expect(root["command_type"]?.string == "config")
        #expect(root["protocol"]?.string == "coap")
        #expect(root["payload"]?["rate"]?.int == 5)
        #expect(root["priority"]?.int == -3)
        #expect(root["expires_at"]?.string == time.now.advanced(by: .seconds(600)).rfc3339)
        #expect(root["metadata"] == nil)
    }

    @Test func thePayloadMayBeAFile() throws {
        let folder = try TemporaryFolder()
        try folder.write("{\"a\":[1,2]}", to: "payload.json")
        let body = try SendCommand.requestBody(
            invocation("send", "d", "t", "--payload", "@\(folder.path)/payload.json"))
        #expect(try JSONDocument(parsing: body).root["payload"]?["a"]?.count == 2)
    }

    @Test(arguments: [
        ["--payload", "[1]"], ["--payload", "{"], ["--payload", "@/nonexistent"], ["--protocol", "http"],
        ["--expires-in", "soon"], ["--expires-in", "0s"], ["--priority", "1.5"], ["--wait", "61"],
    ])
    func refusesWhatCannotBeMeant(flags: [String]) async {
        let captured = CapturedConsole()
        let program = Program(console: captured.console, environment: [:], time: ManualTime())
        #expect(await program.run(["send", "d", "t"] + flags) == .usage)
        #expect(captured.errorText.hasPrefix("flotilla: "))
    }

    @Test func failuresAreJSONForScripts() async throws {
        let captured = CapturedConsole()
        #expect(await captured.run("queues", "--json", "--limti", "3") == .usage)
        let root = try JSONDocument(parsing: captured.errorText).root
        #expect(root["error"]?.string == "unknown_flag")
        #expect(root["exit_code"]?.int == 64)
    }

    @Test func aServiceThatIsNotThereIsExit3() async throws {
        let folder = try TemporaryFolder()
        let captured = CapturedConsole()
        // Nothing listens on the discard port of a test machine.
        let code = await captured.run(
            "command", "x", "--url", "http://127.0.0.1:9", "--token", "secret-token", "--state", folder.path)
        #expect(code == .unreachable)
        #expect(!captured.errorText.contains("secret-token"))
    }

    @Test func aFolderWithoutABusIsExit3AndStaysEmpty() async throws {
        let folder = try TemporaryFolder()
        for words in [["queues"], ["events"]] {
            let captured = CapturedConsole()
            let program = Program(console: captured.console, environment: [:], time: ManualTime())
            #expect(await program.run(words + ["--state", folder.path]) == .unreachable)
            #expect(captured.errorText.contains(folder.path))
        }
        #expect(!StateFolder(path: folder.path).hasBus)
    }

    @Test func droppingEverythingNeedsAYes() async {
        #expect(await CapturedConsole().run("queues", "drop", "q", "--all") == .usage)
        #expect(await CapturedConsole().run("queues", "drop", "q") == .usage)
        #expect(await CapturedConsole().run("queues", "replay", "q", "x") == .usage)
    }

    @Test func refusalsOfTheServiceBecomeExitCodes() {
        func refusal(_ status: Int, _ body: String) -> CommandFailure {
            ServiceClient.refusal(HTTPKit.HTTPClient.Response(status: status, body: Array(body.utf8)))
        }
        #expect(refusal(401, "").exit == .accessDenied)
        #expect(refusal(403, "{\"error\":\"forbidden\",\"message\":\"No.\"}").code == "forbidden")
        #expect(refusal(404, "").exit == .notFound)
        #expect(refusal(503, "").exit == .unreachable)
        let invalid = refusal(
            422,
            "{\"error\":\"validation_error\",\"message\":\"M\",\"detail\":[{\"loc\":[\"body\",\"device_id\"],\"msg\":\"empty\"}]}"
        )
        #expect(invalid.exit == .failed)
        #expect(invalid.message == "M\n  body.device_id: empty")
    }

    @Test func statusesShowTheirEvidence() throws {
        let status = try JSONDocument(
            parsing: """
                {"request_id":"r1","device_id":"d","command_type":"t","status":"published","expires_at":null,"error":null,\
                "history":[{"status":"accepted","at":"T1","evidence":{"transport":"bus"}},\
                {"status":"published","at":"T2","evidence":{"partition":0,"offset":17}}]}
                """)
        #expect(
            CommandStatusCommand.lines(status.root, TextStyle(isEnabled: false)) == [
                "published  r1", "  device   d, command t", "  T1  accepted      transport=bus",
                "  T2  published     partition=0 offset=17",
            ])
    }

    @Test func pathSegmentsAreEscaped() {
        #expect(ServiceURL.percentEncoded("a-B_1.~/ é?") == "a-B_1.~%2F%20%C3%A9%3F")
    }
}
