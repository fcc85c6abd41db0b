import BusClients
import BusTestKit
import Contracts
import Glibc
import Runtime
import Testing

/// Starting, holding and leaving the state folder; poison; hostile connections.
@Suite(.serialized) struct LifecycleTests {
    @Test func theSecondUpSaysWhoHoldsTheFolderAndExits2() async throws {
        let state = try TemporaryFolder()
        let fleet = try await Fleet.up(state.path)
        let second = try ChildProcess(Fleet.program, ["up"], environment: Fleet.environment(state.path))
        #expect(try await withDeadline("the second up ends") { try await second.wait() } == 2)
        #expect(second.text.contains("\(fleet.process.pid)"), "\(second.text)")
        #expect(try await fleet.stop() == 0)
        let third = try await Fleet.up(state.path)
        #expect(try await third.stop() == 0)
    }

    @Test func aSecondSignalEndsItAtOnce() async throws {
        let state = try TemporaryFolder()
        let fleet = try await Fleet.up(state.path)
        fleet.process.send(SIGTERM)
        fleet.process.send(SIGINT)
        let status = try await withDeadline("the end", seconds: 15) { try await fleet.process.wait() }
        #expect(status < 128, "it ended by itself, with \(status)")
    }

    @Test func poisonGoesToDeadLettersAndTheRestFlows() async throws {
        let state = try TemporaryFolder()
        let fleet = try await Fleet.up(state.path)
        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: state.path))
        let queue = QueueName(StreamNames.commandRequests)
        try await bus.queues.enqueue([Job(Message(id: "poison", body: Array("{\"not\":".utf8)))], to: queue)
        try await onThread {
            let answer = try fleet.client().send("POST", "/api/v1/commands", body: Self.command)
            #expect(answer.status == 200, "\(answer.text)")
        }
        try await withDeadline("the dead letter") {
            while try await bus.queues.status(of: queue).deadLetters == 0 {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        let letters = try await bus.queues.deadLetters(of: queue, after: nil, limit: 10)
        #expect(letters.map(\.message.id) == ["poison"])
        #expect(letters.first?.reason.isEmpty == false)
        let listed = try ChildProcess(
            Fleet.program, ["queues", "dead", StreamNames.commandRequests, "--json"],
            environment: Fleet.environment(state.path))
        #expect(try await listed.wait() == 0)
        #expect(listed.text.contains("poison"), "\(listed.text)")
        await bus.close()
        #expect(try await fleet.stop() == 0)
    }

    @Test func hostileRequestsGetAClearAnswerAndOthersAreServed() async throws {
        let state = try TemporaryFolder()
        let fleet = try await Fleet.up(state.path)
        try await onThread {
            let halfOpen = try fleet.client()
            try halfOpen.write(Array("POST /api/v1/commands HTTP/1.1\r\nHost: x\r\nContent-Le".utf8))

            let malformed = try fleet.client().send("POST", "/api/v1/commands", body: "{\"device_id\":")
            #expect(malformed.status == 422 && malformed.text.contains("\"request_id\""), "\(malformed.text)")

            let gigabyte = try fleet.client()
            try gigabyte.write(
                Array(
                    "POST /api/v1/commands HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(fleet.token)\r\nContent-Length: 1073741824\r\n\r\n"
                        .utf8))
            let tooLarge = try gigabyte.readAnswer()
            #expect(tooLarge.status == 413, "\(tooLarge.text)")

            let headers = try fleet.client()
            var head = "GET /health HTTP/1.1\r\nHost: x\r\n"
            for index in 0..<100_000 { head += "X-\(index): y\r\n" }
            // The server may close in the middle of it: that is an answer as well.
            try? headers.write(Array(head.utf8))
            if let answer = try? headers.readAnswer() { #expect(answer.status == 431, "\(answer.status)") }

            let good = try fleet.client().send("GET", "/health")
            #expect(good.status == 200, "\(good.text)")
            withExtendedLifetime(halfOpen) {}
        }
        #expect(try await fleet.stop() == 0)
    }

    @Test func everyEndpointNeedsAToken() async throws {
        let state = try TemporaryFolder()
        let fleet = try await Fleet.up(state.path)
        try await onThread {
            let client = try fleet.client()
            for (method, target) in [
                ("GET", "/api/v1/system/stats"), ("GET", "/api/v1/hardware/metrics"),
                ("GET", "/api/v1/commands/x/status"),
                ("POST", "/api/v1/hardware/optimize"),
            ] {
                let answer = try client.send(method, target, body: method == "POST" ? "{}" : nil, authorized: false)
                #expect(answer.status == 401, "\(method) \(target): \(answer.status)")
                #expect(answer.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
                #expect(answer.text.contains("\"detail\""))
            }
        }
        #expect(try await fleet.stop() == 0)
    }

    static let command = #"{"device_id":"d1","command_type":"reboot","payload":{},"protocol":"mqtt"}"#
}

/// Runs blocking client code on a thread of its own.
func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    let thread = BlockingThread(name: "test-client")
    defer { thread.stop() }
    try await withDeadline("the client", seconds: 60) { try await thread.run(body) }
}
