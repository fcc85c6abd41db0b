import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct AccessRoutesTests {
    private static let guarded = [
        "/api/v1/system/stats", "/api/v1/system/stats/history", "/api/v1/hardware/metrics",
        "/api/v1/hardware/metrics/stream", "/api/v1/hardware/optimize", "/api/v1/hardware/optimize/x",
    ]

    @Test func everythingElseNeedsAToken() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let token = try ingress.token([])
            for path in Self.guarded {
                let answer = try await ingress.client.get(path)
                #expect(answer.status == 401, "\(path)")
                #expect(answer.headers["www-authenticate"] == "Bearer")
                #expect(try await ingress.client.get(path, token: token).status == 403, "\(path)")
            }
            let refusals = ingress.log.lines.filter { $0.contains("audit") && $0.contains("refused") }
            #expect(refusals.count == 2 * Self.guarded.count)
            #expect(try await ingress.client.send("POST", "/api/v1/hardware/optimize", body: "{}").status == 401)
        }
    }

    @Test func wrongCredentialsAreSaidToBeWrong() async throws {
        try await TestIngress.run { ingress in
            let path = "/api/v1/system/stats"
            let wrong = try await ingress.client.get(path, token: "a.b.c")
            #expect(wrong.status == 401)
            #expect(try wrong.json()["message"]?.string?.hasPrefix("Invalid token") == true)
            let basic = try await ingress.client.get(path, headers: ["Authorization": "Basic YTpi"])
            #expect(try basic.json()["message"]?.string == "Not authenticated")
            let expired = try await ingress.client.get(path, token: ingress.token(lifetime: .seconds(-5)))
            #expect(try expired.json()["message"]?.string == "Token has expired")
            #expect(try await ingress.client.get(path, headers: ["X-API-Key": "wrong"]).status == 401)
        }
    }

    @Test func anApiKeyWorks() async throws {
        let access = AccessConfiguration(secret: TestIngress.secret, apiKeys: [APIKey(secret: "k3y")])
        try await TestIngress.run(access: access, prepare: { try await $0.report(.example()) }) { ingress in
            let headers = ["X-API-Key": "k3y"]
            let allowed = try await ingress.client.get("/api/v1/system/stats", headers: headers)
            #expect(allowed.status == 200)
            let forbidden = try await ingress.client.get("/api/v1/hardware/metrics", headers: headers)
            #expect(forbidden.status == 403)
        }
    }

    @Test func openAccessNeedsNothing() async throws {
        let access = AccessConfiguration(mode: .open, secret: TestIngress.secret)
        try await TestIngress.run(access: access, prepare: { try await $0.report(.example()) }) { ingress in
            let answer = try await ingress.client.get("/api/v1/hardware/metrics")
            #expect(answer.status == 200)
        }
    }

    @Test func theSignInLinkWorksOnce() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let code = ingress.service.signInCodes.make()
            #expect(try await ingress.client.send("HEAD", "/sign-in?code=\(code)").status == 405)
            let answer = try await ingress.client.get("/sign-in?code=\(code)")
            #expect(answer.status == 200)
            #expect(answer.headers["cache-control"] == "no-store")
            let body = try answer.json()
            #expect(body["token_type"]?.string == "bearer")
            #expect(body["expires_in"]?.int == 3600)
            #expect(body["user"]?["is_admin"]?.bool == true)
            let token = try #require(body["access_token"]?.string)
            #expect(try await ingress.client.get("/api/v1/system/stats", token: token).status == 200)
            #expect(try await ingress.client.get("/sign-in?code=\(code)").status == 401)
            #expect(try await ingress.client.get("/sign-in").status == 401)

            let page = try await ingress.client.get(
                "/sign-in?code=\(ingress.service.signInCodes.make())", headers: ["Accept": "text/html,*/*"])
            #expect(page.headers["content-type"]?.hasPrefix("text/html") == true)
            #expect(page.text.contains("<textarea"))
        }
    }
}
