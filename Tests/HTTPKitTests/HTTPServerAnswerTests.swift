import Testing

@testable import HTTPKit

@Suite(.timeLimit(.minutes(1))) struct HTTPServerAnswerTests {
    private struct Secret: Error {}

    private static func routes(_ router: inout Router) {
        router.on(.GET, "/ping", .immediate { _, _ in .json(Array("{}".utf8)) })
        router.on(.GET, "/later", .deferred { _, _ in .text("later") })
        router.on(
            .GET, "/item/{id}",
            .immediate { request, _ in
                .text("\(request.parameters["id"] ?? "") \(request.query.first("q") ?? "-") \(request.route)")
            })
        router.on(.POST, "/echo", bodyLimit: 1000, .immediate { _, body in .bytes(body, contentType: "a/b") })
        router.on(.POST, "/echo-later", bodyLimit: 1000, .deferred { _, body in .bytes(body, contentType: "a/b") })
        router.on(.GET, "/secret", .immediate { _, _ in throw Secret() })
        router.on(.GET, "/secret-later", .deferred { _, _ in throw Secret() })
        router.on(.GET, "/conflict", .deferred { _, _ in throw HTTPError(409, "conflict", "No.") })
        router.on(.GET, "/none", .immediate { _, _ in HTTPResponse(status: 204) })
        router.on(
            .GET, "/large",
            .immediate { _, _ in
                .bytes((0..<500_000).map { UInt8(truncatingIfNeeded: $0) }, contentType: "a/b")
            })
    }

    @Test func answersManyRequestsOnOneConnection() async throws {
        try await withServer(Self.routes) { server async throws in
            try await server.client { client throws in
                for number in 0..<50 {
                    #expect(try client.get(number.isMultiple(of: 2) ? "/ping" : "/later").status == 200)
                    #expect(try client.post("/echo-later", Array("body \(number)".utf8)).text == "body \(number)")
                }
            }
            let observations = await server.observations.first(100)
            #expect(observations.count == 100)
            #expect(observations.filter { $0.route == "/later" && $0.status == 200 }.count == 25)
        }
    }

    @Test func answersPipelinedRequestsInOrder() async throws {
        try await withServer(Self.routes) { server async throws in
            try await server.client { client throws in
                let paths = ["/item/1", "/later", "/item/2", "/conflict", "/item/3"]
                try client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: t\r\n\r\n" }.joined())
                #expect(try client.response().text.hasPrefix("1 "))
                #expect(try client.response().text == "later")
                #expect(try client.response().text.hasPrefix("2 "))
                #expect(try client.response().status == 409)
                #expect(try client.response().text.hasPrefix("3 "))
            }
        }
    }

    @Test func answersHeadWithTheLengthAndNoBody() async throws {
        try await withServer(Self.routes) { server async throws in
            try await server.client { client throws in
                for path in ["/ping", "/later"] {
                    try client.send("HEAD \(path) HTTP/1.1\r\nHost: t\r\n\r\n")
                    let response = try client.response(toHead: true)
                    #expect(response.status == 200)
                    #expect(response.header("Content-Length") == (path == "/ping" ? "2" : "5"))
                }
                #expect(try client.get("/ping").text == "{}")
            }
        }
    }

    @Test func decodesPathsAndQueries() async throws {
        try await withServer(Self.routes) { server async throws in
            try await server.client { client throws in
                #expect(try client.get("/item/a%2Fb?q=x+y%2B").text == "a/b x y+ /item/{id}")
                #expect(try client.get("http://host:80/item/7?q=1").text == "7 1 /item/{id}")
            }
        }
    }

    @Test func errorsAreRenderedAndTellNothing() async throws {
        try await withServer(Self.routes) { server async throws in
            try await server.client { client throws in
                let missing = try client.get("/missing")
                #expect(missing.status == 404 && missing.text.contains("\"error\":\"not_found\""))
                #expect(missing.header("Content-Type") == "application/json")
                try client.send("DELETE /echo HTTP/1.1\r\nHost: t\r\n\r\n")
                let wrong = try client.response()
                #expect(wrong.status == 405 && wrong.header("Allow") == "POST")
                try client.send("PROPFIND /ping HTTP/1.1\r\nHost: t\r\n\r\n")
                #expect(try client.response().header("Allow") == "GET, HEAD")
                for path in ["/secret", "/secret-later"] {
                    let failed = try client.get(path)
                    #expect(failed.status == 500 && failed.text.contains("internal_error"))
                    #expect(!failed.text.contains("Secret"))
                }
                #expect(try client.get("/none").status == 204)
                #expect(try client.get("/ping").status == 200)
            }
        }
    }

    @Test func everyResponseHasARequestID() async throws {
        try await withServer(Self.routes) { server async throws in
            try await server.client { client throws in
                #expect(try client.get("/ping", headers: "X-Request-ID: abc 1\r\n").header("X-Request-ID") == "abc 1")
                #expect(try client.get("/missing", headers: "x-request-id: q\r\n").header("X-Request-ID") == "q")
                let made = try client.get("/ping", headers: "X-Request-ID: b\u{e9}\r\n").header("X-Request-ID")
                #expect(made?.utf8.count == 36)
            }
        }
    }

    @Test func sendsLargeBodiesWhole() async throws {
        try await withServer(Self.routes) { server async throws in
            try await server.client { client throws in
                for _ in 0..<3 {
                    let body = try client.get("/large").body
                    #expect(
                        body.count == 500_000 && body.indices.allSatisfy { body[$0] == UInt8(truncatingIfNeeded: $0) })
                }
            }
        }
    }

    @Test func worksWithSeveralThreads() async throws {
        try await withServer(Self.routes, configure: { $0.threads = 4 }) { server async throws in
            for _ in 0..<8 {
                try await server.client { client throws in
                    #expect(try client.get("/later").status == 200)
                    #expect(try client.post("/echo", [1, 2]).body == [1, 2])
                }
            }
        }
    }

    @Test func aTakenPortIsNamed() async throws {
        try await withServer(Self.routes) { server async throws in
            await #expect(throws: HTTPServerError.self) {
                _ = try await TestServer.start(Self.routes, configure: { $0.port = server.port })
            }
        }
    }
}
