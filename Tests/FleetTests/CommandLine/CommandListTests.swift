import BusTestKit
import Contracts
import Testing

@testable import flotilla

@Suite struct CommandListTests {
    @Test func aCommandIsNewsWhenItIsNewOrHasChanged() throws {
        func page(_ text: String) throws -> [JSONValue] { Array(try JSONDocument(parsing: text).root.elements) }
        var news = CommandNews()
        let first = try page(#"[{"request_id":"b","status":"accepted"},{"request_id":"a","status":"published"}]"#)
        #expect(news.take(first).map { $0["request_id"]?.string } == ["a", "b"])
        #expect(news.take(first).isEmpty)
        let second = try page(
            #"[{"request_id":"c","status":"accepted"},{"request_id":"b","status":"published"},{"request_id":"a","status":"published"}]"#
        )
        #expect(news.take(second).map { $0["request_id"]?.string } == ["b", "c"])
    }

    @Test(arguments: [
        ["--status", "gone"], ["--limit", "0"], ["--watch", "--interval", "0"], ["retry"], ["retry", "x"],
        ["dead", "--limit", "x"],
    ])
    func refusesWhatCannotBeMeant(words: [String]) async throws {
        let folder = try TemporaryFolder()
        let captured = CapturedConsole()
        let program = Program(
            console: captured.console, environment: ["FLOTILLA_STATE": folder.path, "FLOTILLA_TOKEN": "t"],
            time: ManualTime())
        #expect(await program.run(["commands"] + words) == .usage, "\(captured.errorText)")
    }

    /// Against a fleet: what was sent is listed, page by page, and watched until it is ended.
    @Test func aFleetListsWhatWasSent() async throws {
        let state = try TemporaryFolder()
        let fleet = try await Fleet.up(state.path)
        let environment = Fleet.environment(
            state.path, ["FLOTILLA_URL": "http://127.0.0.1:\(fleet.port)", "FLOTILLA_TOKEN": fleet.token])
        func run(_ words: String...) async throws -> (code: Int32, text: String) {
            let child = try ChildProcess(Fleet.program, words, environment: environment)
            let code = try await withDeadline("\(words)", seconds: 60) { try await child.wait() }
            return (code, child.text)
        }
        let watcher = try ChildProcess(
            Fleet.program, ["commands", "--watch", "--json", "--interval", "0.1"], environment: environment)
        for device in ["pump-1", "pump-2"] {
            let sent = try await run("send", device, "reboot", "--wait", "10")
            #expect(sent.code == 0, "\(sent.text)")
        }
        let line = try await withDeadline("the watcher sees it", seconds: 60) {
            await watcher.line(containing: "pump-2")
        }
        #expect(line?.contains("\"status\"") == true)
        watcher.send(2)
        #expect(try await withDeadline("the watcher ends") { try await watcher.wait() } == 0)
        let table = try await run("commands")
        #expect(table.code == 0)
        #expect(table.text.contains("pump-1") && table.text.contains("pump-2") && table.text.contains("published"))
        let one = try await run("commands", "--device", "pump-1", "--status", "published", "--json")
        let listed = try JSONDocument(parsing: Array(one.text.utf8)).root
        #expect(listed["device_id"]?.string == "pump-1")
        let none = try await run("commands", "--status", "failed", "--json")
        #expect(none.code == 0 && none.text.isEmpty, "\(none.text)")
        let dead = try await run("commands", "dead", "--json")
        #expect(dead.code == 0 && dead.text.isEmpty, "\(dead.text)")
        #expect(try await run("commands", "retry", "17").code == 4)
        #expect(try await fleet.stop() == 0)
    }
}
