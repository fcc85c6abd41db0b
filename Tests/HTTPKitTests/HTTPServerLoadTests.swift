import Synchronization
import Testing

@testable import HTTPKit

@Suite(.timeLimit(.minutes(1))) struct HTTPServerLoadTests {
    @Test func exchangesBeyondTheCapAreRefusedAtOnce() async throws {
        let proceed = TestSignal()
        let running = Mutex(0)
        let full = TestSignal()
        try await withServer(
            { router in
                router.on(
                    .GET, "/wait",
                    .deferred { _, _ in
                        if running.withLock({
                            $0 += 1; return $0
                        }) == 3 {
                            full.fire()
                        }
                        await proceed.wait()
                        return .text("done")
                    })
                router.on(.GET, "/ping", .immediate { _, _ in .text("pong") })
            }, configure: { $0.maxExchanges = 3 }
        ) { server async throws in
            let port = server.port
            let waiting = try await offPool {
                try (0..<3).map { _ in
                    let client = try RawClient(port: port)
                    try client.send("GET /wait HTTP/1.1\r\nHost: t\r\n\r\n")
                    return client
                }
            }
            await full.wait()
            let refused = try await server.client { try $0.get("/ping") }
            #expect(refused.status == 503 && refused.header("Retry-After") == "1")
            proceed.fire()
            try await offPool { () throws in for client in waiting { #expect(try client.response().text == "done") } }
            #expect(try await server.client { try $0.get("/ping").status } == 200)
        }
    }

    /// The library's loop takes 128 events at a time, and waited for one more when that was all.
    @Test func clientsThatAreReadyTogetherAreAllServed() async throws {
        let sent = Gate()
        try await withServer({ router in
            router.on(
                .GET, "/hold",
                .immediate { _, _ in
                    sent.wait()
                    return .text("held")
                })
            router.on(.GET, "/ping", .immediate { _, _ in .text("pong") })
        }) { server async throws in
            let port = server.port
            try await offPool {
                let clients = try (0..<256).map { _ in
                    let client = try RawClient(port: port)
                    #expect(try client.get("/ping").status == 200)
                    return client
                }
                let holder = try RawClient(port: port)
                try holder.send("GET /hold HTTP/1.1\r\nHost: t\r\n\r\n")
                for client in clients { try client.send("GET /ping HTTP/1.1\r\nHost: t\r\n\r\n") }
                sent.signal()
                #expect(try holder.response().text == "held")
                for client in clients { #expect(try client.response().text == "pong") }
            }
        }
    }

    @Test func aThousandDeferredRequestsWaitTogether() async throws {
        let count = 1000
        let proceed = TestSignal()
        let running = Mutex(0)
        let full = TestSignal()
        try await withServer({ router in
            router.on(
                .POST, "/wait",
                .deferred { _, body in
                    if running.withLock({
                        $0 += 1; return $0
                    }) == count {
                        full.fire()
                    }
                    await proceed.wait()
                    return .bytes(body, contentType: "a/b")
                })
        }) { server async throws in
            let port = server.port
            let clients = try await offPool {
                try (0..<count).map { number in
                    let client = try RawClient(port: port)
                    let body = "body \(number)"
                    try client.send(
                        "POST /wait HTTP/1.1\r\nHost: t\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                    return client
                }
            }
            await full.wait()
            proceed.fire()
            try await offPool { () throws in
                for (number, client) in clients.enumerated() { #expect(try client.response().text == "body \(number)") }
                for client in clients { client.close() }
            }
        }
    }

    @Test func anAbandonedReadIsCancelledAndAnAbandonedWriteIsFinished() async throws {
        for method in ["GET", "POST"] {
            let started = TestSignal()
            let ended = TestSignal()
            let proceed = TestSignal()
            let wasCancelled = Mutex(false)
            let handler: RouteHandler = .deferred { _, _ in
                started.fire()
                if method == "GET" {
                    try? await Task.sleep(for: .seconds(30))
                } else {
                    await proceed.wait()
                }
                wasCancelled.withLock { $0 = Task.isCancelled }
                ended.fire()
                return .text("late")
            }
            try await withServer({ router in
                router.on(.GET, "/wait", handler)
                router.on(.POST, "/wait", handler)
                router.on(.GET, "/ping", .immediate { _, _ in .text("pong") })
            }) { server async throws in
                let client = try await offPool { [port = server.port] in
                    let client = try RawClient(port: port)
                    try client.send("\(method) /wait HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n")
                    return client
                }
                await started.wait()
                client.reset()
                if method == "POST" {
                    // The server has noticed by the time that it has answered another client ten times.
                    for _ in 0..<10 { #expect(try await server.client { try $0.get("/ping").status } == 200) }
                    proceed.fire()
                }
                await ended.wait()
                #expect(wasCancelled.withLock { $0 } == (method == "GET"))
                #expect(try await server.client { try $0.get("/ping").status } == 200)
            }
        }
    }
}

/// Holds a thread until it is opened.
private final class Gate: Sendable {
    private let isOpen = Mutex(false)

    func signal() { isOpen.withLock { $0 = true } }

    func wait() { while !isOpen.withLock({ $0 }) { pause(milliseconds: 1) } }
}
