import Testing

@testable import HTTPKit

@Suite(.timeLimit(.minutes(1))) struct RequestPolicyTests {
    private static func routes(_ router: inout Router) {
        router.on(.GET, "/ping", .immediate { _, _ in .text("pong") })
        router.on(.GET, "/client", .deferred { request, _ in .text("\(request.client.host) \(request.peer.host)") })
        router.on(.GET, "/fails", .deferred { _, _ in throw HTTPError(500, "internal_error", "No.") })
        router.on(
            .GET, "/own", .immediate { _, _ in HTTPResponse(headers: ["x-standard": "own"], body: .bytes([])) })
        router.on(.POST, "/upload", bodyLimit: 10, .immediate { _, _ in .text("taken") })
        router.on(
            .GET, "/events",
            .immediate { _, _ in
                .serverSentEvents { writer in
                    while true { try await writer.send(event: nil, id: nil, data: Array("{}".utf8)) }
                }
            })
    }

    private func run(
        _ policy: TestPolicy, _ routes: (inout Router) -> Void = routes, _ body: (TestServer) async throws -> Void
    ) async throws {
        try await withServer(
            routes,
            configure: { configuration in
                configuration.policy = policy
                configuration.standardHeaders = ["X-Standard": "standard"]
            }, body)
    }

    @Test func everyAnswerIsAmendedAndTimed() async throws {
        try await run(TestPolicy()) { server async throws in
            try await server.client { client throws in
                for (path, status) in [("/ping", 200), ("/client", 200), ("/fails", 500), ("/nothing", 404)] {
                    let answer = try client.get(path)
                    #expect(answer.status == status)
                    #expect(answer.header("X-Amended") == "yes")
                    #expect(answer.header("X-Standard") == "standard")
                    let time = try #require(answer.header("X-Response-Time"))
                    #expect(time.wholeMatch(of: #/[0-9]+\.[0-9]{2}ms/#) != nil, "\(time)")
                }
                let own = try client.get("/own")
                #expect(own.headers.filter { $0.name.lowercased() == "x-standard" }.map(\.value) == ["own"])
            }
        }
    }

    @Test func whatTheLibraryRefusesHasTheStandardHeaders() async throws {
        try await run(TestPolicy()) { server async throws in
            let answer = try await server.client { client throws in
                try client.send("GET /ping HTTP/1.1\r\nHost: t\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n")
                return try client.response()
            }
            #expect(answer.status == 431)
            #expect(answer.header("X-Standard") == "standard")
        }
    }

    @Test func thePolicyMayAnswerOrRefuse() async throws {
        let policy = TestPolicy()
        try await run(policy) { server async throws in
            try await server.client { client throws in
                #expect(try client.get("/ping", headers: "X-Test: answer\r\n").text == "/ping true")
                #expect(try client.get("/nothing", headers: "X-Test: answer\r\n").text == "unmatched false")
                #expect(try client.post("/ping", [], headers: "X-Test: answer\r\n").text == "unmatched true")
                let refused = try client.post("/upload", [1, 2, 3], headers: "X-Test: refuse\r\n")
                #expect(refused.status == 429)
                #expect(refused.header("X-Amended") == "yes")
                #expect(try client.get("/ping").status == 200)
            }
            await policy.wait { $0.ended == 5 }
            #expect(policy.tally == .init(admitted: 5, settled: 5, ended: 5, streams: 0))
        }
    }

    @Test func theClientIsThePolicys() async throws {
        try await run(TestPolicy()) { server async throws in
            let text = try await server.client { client throws in try client.get("/client").text }
            #expect(text == "192.0.2.1 127.0.0.1")
            let observation = try #require(await server.observations.first(1).first)
            #expect(observation.client.host == "192.0.2.1" && observation.peer.host == "127.0.0.1")
        }
        try await withServer(Self.routes) { server async throws in
            let text = try await server.client { client throws in try client.get("/client").text }
            #expect(text == "127.0.0.1 127.0.0.1")
        }
    }

    @Test func aStreamMayBeRefused() async throws {
        let policy = TestPolicy()
        try await run(policy) { server async throws in
            try await server.client { client throws in
                let refused = try client.get("/events", headers: "X-Test: no stream\r\n")
                #expect(refused.status == 429 && refused.text.contains("limited"))
                try client.send("HEAD /events HTTP/1.1\r\nHost: t\r\nX-Test: no stream\r\n\r\n")
                #expect(try client.response(toHead: true).status == 200)
            }
            await policy.wait { $0.ended == 2 }
            #expect(policy.tally == .init(admitted: 2, settled: 2, ended: 2, streams: 0))
        }
    }

    @Test func aStreamEndsWithItsClient() async throws {
        let policy = TestPolicy()
        try await run(policy) { server async throws in
            try await server.client { client throws in
                try client.send("GET /events HTTP/1.1\r\nHost: t\r\n\r\n")
                #expect(try client.head().header("X-Amended") == "yes")
                _ = try client.chunk()
            }
            await policy.wait { $0.ended == 1 }
            #expect(policy.tally == .init(admitted: 1, settled: 1, ended: 1, streams: 1))
        }
    }

    @Test func aHandlerThatOutlivesItsClientHoldsItsPlace() async throws {
        let policy = TestPolicy()
        let (started, goesOn) = (TestSignal(), TestSignal())
        try await run(
            policy,
            { router in
                router.on(
                    .POST, "/work",
                    .deferred { _, _ in
                        started.fire()
                        await goesOn.wait()
                        return .text("done")
                    })
            }
        ) { server async throws in
            try await server.client { client throws in
                try client.send("POST /work HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n")
            }
            await started.wait()
            #expect(policy.tally.settled == 0)
            goesOn.fire()
            await policy.wait { $0.settled == 1 && $0.ended == 1 }
        }
    }

    @Test func aClientThatLeavesInTheMiddleOfItsBodySettles() async throws {
        let policy = TestPolicy()
        try await run(policy) { server async throws in
            let port = server.port
            let client = try await offPool {
                let client = try RawClient(port: port)
                try client.send("POST /upload HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nhalf")
                return client
            }
            await policy.wait { $0.admitted == 1 }
            client.reset()
            await policy.wait { $0.settled == 1 && $0.ended == 1 }
        }
    }

    @Test func timesHaveTwoDecimals() {
        #expect(ResponseTime.text(nanoseconds: 11_530_000) == "11.53ms")
        #expect(ResponseTime.text(nanoseconds: 45_000) == "0.05ms")
        #expect(ResponseTime.text(nanoseconds: -1) == "0.00ms")
        #expect(ResponseTime.text(nanoseconds: 2_000_004_000) == "2000.00ms")
    }

    @Test func onlyMissingHeadersAreAppended() {
        var headers: HTTPHeaders = ["Content-Type": "a/b", "vary": "Accept"]
        headers.appendMissing(["Vary": "Origin", "X-New": "", "X-New": "2"])
        #expect(headers.map(\.name) == ["Content-Type", "vary", "X-New"])
        #expect(headers.first("Vary") == "Accept" && headers.first("X-New")?.isEmpty == true)
        #expect(headers.contains("VARY") && !headers.contains("Var"))
    }
}
