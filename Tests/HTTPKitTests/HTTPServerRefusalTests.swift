import Testing

@testable import HTTPKit

@Suite(.timeLimit(.minutes(1))) struct HTTPServerRefusalTests {
    private static func routes(_ router: inout Router) {
        router.on(.GET, "/ping", .immediate { _, _ in .json(Array("{}".utf8)) })
        router.on(.POST, "/echo", bodyLimit: 1000, .immediate { _, body in .bytes(body, contentType: "a/b") })
        router.on(.POST, "/big", bodyLimit: 200_000, .deferred { _, body in .text("\(body.count)") })
        router.on(
            .POST, "/locked", admit: { _ in throw HTTPError(401, "unauthorized", "No.") },
            .deferred { _, body in .text("\(body.count)") })
    }

    @Test func aShortExcessKeepsTheConnection() async throws {
        try await withServer(Self.routes) { server async throws in
            try await server.client { client throws in
                #expect(try client.post("/echo", [UInt8](repeating: 0, count: 1001)).status == 413)
                #expect(try client.post("/missing", [UInt8](repeating: 0, count: 500)).status == 404)
                #expect(try client.post("/echo", [UInt8](repeating: 0, count: 1000)).body.count == 1000)
            }
        }
    }

    @Test func aDeclaredGibibyteIsRefusedAtOnce() async throws {
        try await withServer(Self.routes) { server async throws in
            try await server.client { client throws in
                try client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 1073741824\r\n\r\n")
                let response = try client.response()
                #expect(response.status == 413 && response.text.contains("payload_too_large"))
                #expect(response.header("Connection")?.lowercased() == "close")
                #expect(client.isClosedByServer())
            }
        }
    }

    @Test func theRefusalReachesAClientThatGoesOnSending() async throws {
        try await withServer(Self.routes) { server async throws in
            try await server.client { client throws in
                try client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 1073741824\r\n\r\n")
                try client.send([UInt8](repeating: 0, count: 300_000))
                #expect(try client.response().status == 413)
            }
        }
    }

    @Test func collectedBodiesHaveABudgetTogether() async throws {
        try await withServer(Self.routes, configure: { $0.maximumCollectedBytes = 1000 }) { server async throws in
            try await server.client { first throws in
                try first.send("POST /big HTTP/1.1\r\nHost: t\r\nContent-Length: 900\r\n")
                // The server asks for the body once it has the headers, and has taken it all but one byte soon after.
                try first.send("Expect: 100-continue\r\n\r\n")
                #expect(try first.response().status == 100)
                try first.send([UInt8](repeating: 0, count: 899))
                var refused: RawResponse?
                while refused == nil {
                    let second = try RawClient(port: server.port)
                    defer { second.close() }
                    let response = try second.post("/big", [UInt8](repeating: 0, count: 500))
                    if response.status != 200 { refused = response }
                }
                #expect(refused?.status == 503 && refused?.header("Retry-After") == "1")
                try first.send([0])
                #expect(try first.response().text == "900")
            }
            try await server.client { client throws in
                for _ in 0..<3 { #expect(try client.post("/big", [UInt8](repeating: 0, count: 900)).status == 200) }
            }
        }
    }

    @Test func chunkedBodiesAreCountedAsTheyCome() async throws {
        try await withServer(Self.routes) { server async throws in
            try await server.client { client throws in
                try client.send(
                    "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
                )
                #expect(try client.response().text == "abcde")
                try client.send("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n")
                try client.send("400\r\n" + String(repeating: "x", count: 1024) + "\r\n")
                let response = try client.response()
                #expect(response.status == 413 && response.text.contains("payload_too_large"))
                #expect(response.header("X-Request-ID") != nil)
                #expect(client.isClosedByServer())
            }
            #expect(await server.observations.first(2).map(\.status) == [200, 413])
        }
    }

    @Test func expectContinueIsAnsweredBeforeTheBody() async throws {
        try await withServer(Self.routes) { server async throws in
            try await server.client { client throws in
                try client.send("POST /big HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
                #expect(try client.response().status == 100)
                try client.send("12345")
                #expect(try client.response().text == "5")
            }
            for (path, length, status) in [("/echo", 2000, 413), ("/locked", 5, 401), ("/missing", 5, 404)] {
                try await server.client { client throws in
                    try client.send(
                        "POST \(path) HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: \(length)\r\n\r\n")
                    #expect(try client.response().status == status)
                }
            }
        }
    }

    @Test func tooManyHeadersAreOurs() async throws {
        try await withServer(Self.routes) { server async throws in
            try await server.client { client throws in
                try client.send("GET /ping HTTP/1.1\r\nHost: t\r\nX-Request-ID: mine\r\n")
                // The server closes while we send: a failed send is fine, an answer must be JSON.
                do {
                    for _ in 0..<100 { try client.send(String(repeating: "X-Filler: abcdefgh\r\n", count: 1000)) }
                } catch ClientError.system {}
                do {
                    let response = try client.response()
                    #expect(response.status == 431 && response.text.contains("headers_too_large"))
                    #expect(response.header("Content-Type") == "application/json")
                } catch ClientError.system {} catch ClientError.closed {}
            }
            try await server.client { client throws in
                try client.send(
                    "GET /ping HTTP/1.1\r\nHost: t\r\nX-Big: \(String(repeating: "y", count: 20_000))\r\n\r\n")
                let response = try client.response()
                #expect(response.status == 431 && response.text.contains("headers_too_large"))
                #expect(response.header("X-Request-ID") != nil)
            }
            try await server.client { client throws in
                try client.send("GET /\(String(repeating: "y", count: 20_000)) HTTP/1.1\r\nHost: t\r\n\r\n")
                #expect(try client.response().status == 414)
            }
            #expect(try await server.client { try $0.get("/ping").status } == 200)
        }
    }

    @Test(arguments: [
        ("GET /ping HTTP/1.1\r\n\r\n", 400),
        ("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: nine\r\n\r\n", 400),
        ("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
        ("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
        ("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ("GET /ping HTTP/3.7\r\nHost: t\r\n\r\n", 505),
        ("GET ping HTTP/1.1\r\nHost: t\r\n\r\n", 400),
    ])
    func malformedRequestsGetOurErrorBody(_ request: String, _ status: Int) async throws {
        try await withServer(Self.routes) { server async throws in
            try await server.client { client throws in
                try client.send(request)
                let response = try client.response()
                #expect(response.status == status)
                #expect(response.text.hasPrefix("{\"error\":"))
                #expect(response.header("Content-Type") == "application/json")
                #expect(response.header("X-Request-ID") != nil)
            }
            #expect(try await server.client { try $0.get("/ping").status } == 200)
        }
    }

    @Test func garbageClosesTheConnection() async throws {
        try await withServer(Self.routes) { server async throws in
            try await server.client { client throws in
                try client.send("\u{16}\u{3}\u{1}garbage\r\n\r\n")
                #expect(client.isClosedByServer())
            }
            #expect(try await server.client { try $0.get("/ping").status } == 200)
        }
    }
}
