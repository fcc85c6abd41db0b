import Runtime
import Testing

@testable import HTTPKit

@Suite struct HTTPClientTests {
    private static func serve(
        _ handler: RouteHandler, _ body: (_ url: String) async throws -> Void
    ) async throws {
        let server = try await TestServer.start { $0.on(.POST, "/x", handler) }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body("http://127.0.0.1:\(server.port)/x")) } catch {
            outcome = .failure(error)
        }
        try await server.stop()
        try outcome.get()
    }

    private static func code(_ send: () async throws -> HTTPClient.Response) async -> HTTPClientError.Code? {
        do {
            _ = try await send()
            return nil
        } catch {
            return (error as? HTTPClientError)?.code
        }
    }

    @Test func sendsAndReceives() async throws {
        try await Self.serve(
            .immediate { request, body in
                HTTPResponse(
                    status: 503, headers: ["Retry-After": "7"],
                    body: .bytes(Array((request.headers.first("X-A") ?? "").utf8) + body))
            }
        ) { url in
            let answer = try await HTTPClient().send(
                .init(method: "POST", url: url, headers: [("X-A", "a")], body: Array("bc".utf8)))
            #expect(answer.status == 503)
            #expect(String(decoding: answer.body, as: UTF8.self) == "abc")
            #expect(answer.retryAfter == .seconds(7))
        }
    }

    @Test func anAddressThatIsNotPermittedIsNotConnectedTo() async throws {
        try await Self.serve(.immediate { _, _ in .text("no") }) { url in
            let client = HTTPClient(reach: .init { $0 != [127, 0, 0, 1] })
            #expect(await Self.code { try await client.send(.init(method: "POST", url: url)) } == .refusedAddress)
            let other = HTTPClient(reach: .init { $0 == [127, 0, 0, 1] })
            let status = try await other.send(.init(method: "POST", url: url)).status
            #expect(status == 200)
        }
    }

    @Test func anAnswerOverTheLimitHasItsStatus() async throws {
        try await Self.serve(.immediate { _, _ in .text(String(repeating: "x", count: 4096), status: 201) }) { url in
            do {
                _ = try await HTTPClient(responseLimit: 100).send(.init(method: "POST", url: url))
                Issue.record("it was taken")
            } catch let error as HTTPClientError {
                #expect(error.code == .answerTooLarge)
                #expect(error.status == 201)
            }
        }
    }

    @Test func aReceiverThatHangsIsLeft() async throws {
        let end = TestSignal()
        try await Self.serve(
            .deferred { _, _ in
                await end.wait()
                return .text("late")
            }
        ) { url in
            let request = HTTPClient.Request(method: "POST", url: url, timeout: .milliseconds(300))
            #expect(await Self.code { try await HTTPClient().send(request) } == .timedOut)
            var patient = request
            patient.timeout = .seconds(60)
            let long = patient
            let task = Task { await Self.code { try await HTTPClient().send(long) } }
            task.cancel()
            #expect(await task.value == .unreachable, "a cancelled exchange ends long before its time")
            end.fire()
        }
    }

    @Test func whatCannotBeSentIsRefused() async {
        let client = HTTPClient()
        for (url, header, code) in [
            ("http://127.0.0.1:1/", "a\nb", HTTPClientError.Code.invalidHeader("X-A")),
            ("http://127.0.0.1:1/", "a", .unreachable), ("file:///etc/hostname", "a", .unreachable),
            ("gopher://127.0.0.1:1/", "a", .unreachable),
        ] {
            let found = await Self.code { try await client.send(.init(url: url, headers: [("X-A", header)])) }
            #expect(found == code, "\(url)")
        }
    }
}
