import Testing

@testable import HTTPKit

@Suite(.timeLimit(.minutes(1))) struct HTTPServerDeadlineTests {
    private static func routes(_ router: inout Router) {
        router.on(.GET, "/ping", .immediate { _, _ in .json(Array("{}".utf8)) })
        router.on(
            .GET, "/large",
            .immediate { _, _ in
                .bytes([UInt8](repeating: 65, count: 40_000_000), contentType: "a/b")
            })
        router.on(.POST, "/echo", .deferred { _, body in .bytes(body, contentType: "a/b") })
        router.on(
            .GET, "/slow",
            .deferred { _, _ in
                try await Task.sleep(for: .milliseconds(700))
                return .text("slow")
            })
    }

    private static func short(_ configuration: inout HTTPServerConfiguration) {
        configuration.headerTimeout = .milliseconds(200)
        configuration.bodyTimeout = .milliseconds(200)
        configuration.idleTimeout = .milliseconds(300)
        configuration.writeTimeout = .milliseconds(300)
        configuration.minimumBodyRate = 1 << 20
    }

    @Test func halfOpenConnectionsAreClosedWhileOthersAreServed() async throws {
        try await withServer(Self.routes, configure: Self.short) { server async throws in
            let port = server.port
            async let closed = offPool {
                let clients = try ["", "GET /pi", "GET /ping HTTP/1.1\r\nHost: t\r\nX-A: b\r\n"].map { start in
                    let client = try RawClient(port: port)
                    try client.send(start)
                    return client
                }
                return clients.filter { $0.isClosedByServer() }.count
            }
            for _ in 0..<20 { #expect(try await server.client { try $0.get("/ping").status } == 200) }
            #expect(try await closed == 3)
        }
    }

    @Test func aTricklingHeaderDoesNotMoveTheDeadline() async throws {
        try await withServer(Self.routes, configure: Self.short) { server async throws in
            let isCutOff = try await server.client { client throws in
                try client.send("GET /ping HTTP/1.1\r\nHost: t\r\n")
                do {
                    for number in 0..<100 {
                        try client.send("X-\(number): y\r\n")
                        pause(milliseconds: 20)
                    }
                    return false
                } catch ClientError.system {
                    return true
                }
            }
            #expect(isCutOff)
        }
    }

    @Test func aSlowBodyIsCutOff() async throws {
        try await withServer(Self.routes, configure: Self.short) { server async throws in
            try await server.client { client throws in
                try client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nabc")
                #expect(client.isClosedByServer())
            }
            #expect(await server.observations.first(1).map(\.status) == [0])
        }
    }

    @Test func anIdleConnectionIsClosedAndASlowHandlerIsNot() async throws {
        try await withServer(Self.routes, configure: Self.short) { server async throws in
            try await server.client { client throws in
                #expect(try client.get("/slow").text == "slow")
                #expect(client.isClosedByServer())
            }
        }
    }

    @Test func aClientThatDoesNotReadIsClosed() async throws {
        try await withServer(Self.routes, configure: Self.short) { server async throws in
            let port = server.port
            let client = try await offPool {
                let client = try RawClient(port: port, receiveBuffer: 4096)
                try client.send("GET /large HTTP/1.1\r\nHost: t\r\n\r\n")
                _ = try client.head()
                return client
            }
            // The server has given up when it has observed the end of the request.
            _ = await server.observations.first(1)
            let count = try await offPool {
                do {
                    return try client.rest().count
                } catch ClientError.system {
                    return 0
                }
            }
            #expect(count < 40_000_000)
            #expect(try await server.client { try $0.get("/ping").status } == 200)
        }
    }

    @Test func aSlowReaderThatGoesOnIsServed() async throws {
        // Longer than a busy machine keeps the reader waiting, shorter than half of the whole.
        let configure: (inout HTTPServerConfiguration) -> Void = { configuration in
            configuration.writeTimeout = .seconds(1)
        }
        try await withServer(Self.routes, configure: configure) { server async throws in
            try await server.client { client throws in
                try client.send("GET /large HTTP/1.1\r\nHost: t\r\n\r\n")
                _ = try client.head()
                for _ in 0..<40 {
                    _ = try client.take(1_000_000)
                    pause(milliseconds: 60)
                }
            }
            #expect(await server.observations.first(1).map(\.bytesOut) == [40_000_000])
        }
    }
}
