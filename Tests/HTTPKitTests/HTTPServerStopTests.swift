import Synchronization
import Testing

@testable import HTTPKit

@Suite(.timeLimit(.minutes(1))) struct HTTPServerStopTests {
    @Test func aStopFinishesWhatIsInFlightAndRefusesTheRest() async throws {
        let started = TestSignal()
        let proceed = TestSignal()
        let server = try await TestServer.start({ router in
            router.on(
                .GET, "/wait",
                .deferred { _, _ in
                    started.fire()
                    await proceed.wait()
                    return .text("done")
                })
            router.on(.GET, "/ping", .immediate { _, _ in .text("pong") })
        })
        let port = server.port
        let (waiting, idle) = try await offPool {
            let idle = try RawClient(port: port)
            #expect(try idle.get("/ping").status == 200)
            let waiting = try RawClient(port: port)
            // The second request is pipelined behind the one in flight: it is answered or the connection closes.
            try waiting.send("GET /wait HTTP/1.1\r\nHost: t\r\n\r\nGET /ping HTTP/1.1\r\nHost: t\r\n\r\n")
            return (waiting, idle)
        }
        await started.wait()
        server.beginStop()
        try await offPool { () throws in
            #expect(idle.isClosedByServer())
            #expect(throws: ClientError.self) { try RawClient(port: port) }
        }
        proceed.fire()
        try await offPool { () throws in
            let response = try waiting.response()
            #expect(response.text == "done")
            #expect(response.header("Connection")?.lowercased() == "close")
            #expect(waiting.isClosedByServer())
        }
        try await server.stop()
    }

    @Test func pastTheDeadlineTasksAreCancelledAndAnswer503() async throws {
        let started = TestSignal()
        let server = try await TestServer.start(
            { router in
                router.on(
                    .POST, "/wait",
                    .deferred { _, _ in
                        started.fire()
                        try await Task.sleep(for: .seconds(60))
                        return .text("done")
                    })
            }, configure: { $0.drainDeadline = .milliseconds(100) })
        let client = try await offPool { [port = server.port] in
            let client = try RawClient(port: port)
            try client.send("POST /wait HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n")
            return client
        }
        await started.wait()
        server.beginStop()
        try await offPool { () throws in
            let response = try client.response()
            #expect(response.status == 503 && response.header("Retry-After") != nil)
        }
        try await server.stop()
    }

    @Test func aHandlerThatIgnoresItsCancellationDoesNotHoldTheStop() async throws {
        let started = TestSignal()
        let proceed = TestSignal()
        let server = try await TestServer.start(
            { router in
                router.on(
                    .POST, "/wait",
                    .deferred { _, _ in
                        started.fire()
                        await proceed.wait()
                        return .text("done")
                    })
                router.on(
                    .POST, "/upload",
                    .streaming { _, _ in
                        await proceed.wait()
                        return .text("done")
                    })
            }, configure: { $0.drainDeadline = .milliseconds(50) })
        let clients = try await offPool { [port = server.port] in
            try ["wait", "upload"].map { path in
                let client = try RawClient(port: port)
                try client.send("POST /\(path) HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc")
                return client
            }
        }
        await started.wait()
        try await server.stop()
        try await offPool { () throws in for client in clients { #expect(client.isClosedByServer()) } }
        proceed.fire()
    }

    @Test func eventStreamsEndAtTheStop() async throws {
        let failure = Mutex<(any Error)?>(nil)
        let started = TestSignal()
        let server = try await TestServer.start({ router in
            router.on(
                .GET, "/events",
                .immediate { _, _ in
                    .serverSentEvents(heartbeat: nil) { writer in
                        try await writer.send(data: [65])
                        started.fire()
                        do {
                            try await Task.sleep(for: .seconds(60))
                        } catch {
                            failure.withLock { $0 = error }
                        }
                    }
                })
        })
        let client = try await offPool { [port = server.port] in
            let client = try RawClient(port: port)
            try client.send("GET /events HTTP/1.1\r\nHost: t\r\n\r\n")
            _ = try client.head()
            _ = try client.chunk()
            return client
        }
        await started.wait()
        try await server.stop()
        #expect(failure.withLock { $0 is CancellationError })
        try await offPool { () throws in
            let farewell = String(decoding: try client.chunk(), as: UTF8.self)
            #expect(farewell.hasPrefix("retry: ") && farewell.hasSuffix("\n\n"), "\(farewell)")
            // Between 1 and 3 s, so that clients don't all come back at once.
            #expect(Int(farewell.dropFirst(7).dropLast(2)).map { (1000...3000).contains($0) } == true)
            #expect(try client.chunk().isEmpty)
            #expect(client.isClosedByServer())
        }
    }

    @Test func anAnnouncedStopServesUntilItsTimeIsOver() async throws {
        let server = try await TestServer.start(
            { router in router.on(.GET, "/ping", .immediate { _, _ in .text("pong") }) },
            configure: { $0.drainAnnouncement = .seconds(1) })
        #expect(!server.isStopping)
        server.beginStop()
        while !server.isStopping { await Task.yield() }
        try await server.client { client throws in
            #expect(try client.get("/ping").text == "pong")
            // The connection is idle: the server closes it when the announcement is over.
            #expect(client.isClosedByServer())
        }
        try await server.stop()
        await #expect(throws: ClientError.self) { try await server.client { _ in } }
    }

    @Test func stopsWithoutHavingServedAnything() async throws {
        for _ in 0..<5 {
            let server = try await TestServer.start({ _ in }, configure: { $0.threads = 2 })
            try await server.stop()
        }
    }
}
