import BusTestKit
import DocumentTestKit
import Glibc
import Runtime
import Synchronization

/// A running `flotilla up` on a state folder, on a port that the kernel chose.
struct Fleet: Sendable {
    let process: ChildProcess
    let port: UInt16
    let token: String
    /// What the program says of its API, once somebody has asked.
    private static let document = Mutex<DocumentedAPI?>(nil)

    static var program: String { BuiltProgram.path("flotilla") }

    static func environment(_ state: String, _ extra: [String: String] = [:]) -> [String: String] {
        [
            "FLOTILLA_STATE": state, "API_PORT": "0", "HOME": state, "PATH": "/usr/bin:/bin",
            "LOG_LEVEL": "warning,flotilla=info",
        ]
        .merging(extra) { $1 }
    }

    /// Starts the fleet and waits until it serves.
    static func up(_ state: String, _ extra: [String: String] = [:]) async throws -> Fleet {
        let process = try ChildProcess(program, ["up"], environment: environment(state, extra))
        return try await serving(process, state: state, extra)
    }

    /// Waits until a process serves.
    static func serving(_ process: ChildProcess, state: String, _ extra: [String: String]) async throws -> Fleet {
        let line = try await withDeadline("the fleet serves", seconds: 60) {
            await process.line(containing: "Sign in: http")
        }
        guard let line,
            let port = line.split(separator: "/").dropFirst().first?.split(separator: ":").last.flatMap({ UInt16($0) })
        else { throw ChildFailure("the fleet did not start:\n\(process.text)") }
        let mint = try ChildProcess(program, ["token"], environment: environment(state, extra))
        guard try await mint.wait() == 0 else { throw ChildFailure("no token:\n\(mint.text)") }
        let token = mint.text.split(separator: "\n").last.map(String.init) ?? ""
        return Fleet(process: process, port: port, token: token)
    }

    /// Ends the fleet as a power cut of the process would.
    func killHard() async throws {
        process.send(SIGKILL)
        try await process.wait()
    }

    /// Ends the fleet in order; the exit status.
    func stop() async throws -> Int32 {
        process.send(SIGTERM)
        return try await withDeadline("an orderly stop", seconds: 60) { try await process.wait() }
    }

    /// A client that holds every answer against the API's document.
    func client() throws -> HTTPClient {
        let api = try Self.document.withLock { document in
            if let document { return document }
            let fetched = try DocumentedAPI(
                json: try HTTPClient(port: port, token: token).send("GET", "/openapi.json").body)
            document = fetched
            return fetched
        }
        return try HTTPClient(port: port, token: token, api: api)
    }
}
