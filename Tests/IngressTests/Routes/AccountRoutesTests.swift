import BusTestKit
import Contracts
import Glibc
import Runtime
import Testing

@testable import Ingress

@Suite struct AccountRoutesTests {
    private static let password = "Correct-horse-7"

    /// An ingress with the user alice.
    private func run(_ body: @escaping @Sendable (TestIngress) async throws -> Void) async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let answer = try await ingress.client.send(
                "POST", "/api/v1/auth/register", token: ingress.token(),
                body: #"{"username":"Alice","email":"alice@example.org","password":"\#(Self.password)"}"#)
            #expect(answer.status == 201, "\(answer.text)")
            try await body(ingress)
        }
    }

    private func signIn(
        _ ingress: TestIngress, _ password: String = password, path: String = "/api/v1/auth/login"
    ) async throws -> TestClient.Answer {
        try await ingress.client.send("POST", path, body: #"{"username":"aLICE","password":"\#(password)"}"#)
    }

    private func tokens(_ answer: TestClient.Answer) throws -> (access: String, refresh: String) {
        let json = try answer.json()
        return (try json.requiredString("access_token"), try json.requiredString("refresh_token"))
    }

    private func refresh(_ ingress: TestIngress, _ token: String) async throws -> TestClient.Answer {
        try await ingress.client.send("POST", "/auth/refresh", body: #"{"refresh_token":"\#(token)"}"#)
    }

    @Test(arguments: ["/api/v1/auth", "/auth"]) func signsInAndOut(_ prefix: String) async throws {
        try await run { ingress in
            let answer = try await signIn(ingress, path: prefix + "/login")
            #expect(answer.status == 200, "\(answer.text)")
            let json = try answer.json()
            #expect(json["token_type"]?.string == "bearer" && json["expires_in"]?.int == 3600)
            #expect(json["user"]?["id"]?.int == 1 && json["user"]?["username"]?.string == "alice")
            #expect(json["user"]?["role"]?.string == "user" && json["user"]?["is_admin"]?.bool == false)
            #expect(json["user"]?["password_hash"] == nil)
            let token = try tokens(answer).access
            let me = try await ingress.client.get(prefix + "/me", token: token).json()
            #expect(me["email"]?.string == "alice@example.org")
            #expect(try await ingress.client.get(prefix + "/verify", token: token).json()["user_id"]?.int == 1)
            #expect(try await ingress.client.get("/api/v1/system/stats", token: token).status == 200)
            #expect(try await ingress.client.send("POST", prefix + "/logout", token: token).status == 200)
            let over = try await ingress.client.get(prefix + "/me", token: token)
            #expect(over.status == 401)
            #expect(try over.json()["message"]?.string == "Token has been revoked")
            #expect(try await refresh(ingress, tokens(answer).refresh).status == 401)
        }
    }

    @Test func refusesWhatIsNoSignIn() async throws {
        try await run { ingress in
            let client = ingress.client
            let wrong = try await signIn(ingress, "wrong")
            #expect(wrong.status == 401 && wrong.headers["www-authenticate"] == "Bearer")
            let nobody = try await client.send(
                "POST", "/auth/login", body: #"{"username":"nobody","password":"x"}"#)
            let (message, other) = (try nobody.json()["message"]?.string, try wrong.json()["message"]?.string)
            #expect(message == other && message == "Incorrect username or password")
            #expect(try await client.send("POST", "/auth/login", body: "{}").status == 400)
            #expect(
                try await client.send("POST", "/auth/login", body: #"{"username":"a","password":""}"#).status == 400)
            #expect(try await client.send("POST", "/api/v1/auth/login", body: "{}").status == 422)
            #expect(try await client.send("POST", "/auth/login", body: "username=a&password=b").status == 422)
            #expect(try await client.send("POST", "/auth/login").status == 422)
        }
    }

    @Test func aRefreshTokenWorksOnce() async throws {
        try await run { ingress in
            let first = try tokens(try await signIn(ingress))
            let answer = try await refresh(ingress, first.refresh)
            #expect(answer.status == 200, "\(answer.text)")
            let second = try tokens(answer)
            #expect(try await ingress.client.get("/auth/me", token: second.access).status == 200)
            // The stolen one ends the sign-in for the thief and for the owner.
            #expect(try await refresh(ingress, first.refresh).status == 401)
            #expect(try await refresh(ingress, second.refresh).status == 401)
            #expect(try await ingress.client.get("/auth/me", token: second.access).status == 401)
        }
    }

    @Test func tokensAreForOnePurpose() async throws {
        try await run { ingress in
            let tokens = try tokens(try await signIn(ingress))
            let asAccess = try await ingress.client.get("/auth/me", token: tokens.refresh)
            #expect(asAccess.status == 401)
            #expect(
                try asAccess.json()["message"]?.string == "Invalid token type. Expected access, got refresh")
            #expect(try await refresh(ingress, tokens.access).status == 401)
        }
    }

    @Test func aChangeHoldsOnlyForTheVersionThatItIsBasedOn() async throws {
        try await run { ingress in
            let token = try ingress.token()
            let path = "/api/v1/auth/users/1"
            func makeAdministrator(_ isOne: Bool, _ headers: [String: String]) async throws -> TestClient.Answer {
                try await ingress.client.send(
                    "PUT", path + "/admin", token: token, headers: headers, body: #"{"is_admin":\#(isOne)}"#)
            }
            let first = try #require(try await ingress.client.get(path, token: token).headers["etag"])
            let changed = try await makeAdministrator(true, ["If-Match": first])
            #expect(changed.status == 200)
            let second = try #require(changed.headers["etag"])
            #expect(second != first)

            let late = try await makeAdministrator(false, ["If-Match": first])
            #expect(late.status == 409)
            #expect(late.headers["etag"] == second)
            let details = try late.json()["details"]
            #expect(details?["current_version"]?.int.map { "\"\($0)\"" } == second)
            #expect(details?["updated_at"]?.timestamp != nil)
            for tag in ["W/\(second)", "x", "\"\"", ""] {
                #expect(try await makeAdministrator(false, ["If-Match": tag]).status == 409, "\(tag)")
            }
            let isUnchanged = try await ingress.client.get(path, token: token).headers["etag"] == second
            #expect(isUnchanged)

            #expect(try await makeAdministrator(false, ["If-Match": "\(first), \(second)"]).status == 200)
            #expect(try await makeAdministrator(true, ["If-Match": "*"]).status == 200)
            #expect(try await makeAdministrator(false, [:]).status == 200)
            let deleted = try await ingress.client.send("DELETE", path, token: token, headers: ["If-Match": second])
            #expect(deleted.status == 409)
            #expect(try await ingress.client.get("/api/v1/auth/users/99", token: token).status == 404)
        }
    }

    @Test func fiveWrongPasswordsLock() async throws {
        try await run { ingress in
            let token = try tokens(try await signIn(ingress)).access
            for _ in 0..<5 { #expect(try await signIn(ingress, "wrong").status == 401) }
            #expect(try await signIn(ingress).status == 401, "the right password does not help")
            let locked = try await ingress.client.get("/auth/me", token: token)
            #expect(locked.status == 403)
            #expect(try locked.json()["message"]?.string?.hasPrefix("Account locked until") == true)
        }
    }

    @Test func aNewPasswordEndsWhatWasSignedIn() async throws {
        try await run { ingress in
            let tokens = try tokens(try await signIn(ingress))
            func change(_ current: String, _ new: String) async throws -> TestClient.Answer {
                try await ingress.client.send(
                    "POST", "/auth/change-password", token: tokens.access,
                    body: #"{"current_password":"\#(current)","new_password":"\#(new)"}"#)
            }
            #expect(try await change("wrong", "Battery-staple-8").status == 400)
            #expect(try await change(Self.password, "weak").status == 400)
            #expect(try await change(Self.password, "Battery-staple-8").status == 200)
            #expect(try await ingress.client.get("/auth/me", token: tokens.access).status == 401)
            #expect(try await refresh(ingress, tokens.refresh).status == 401)
            #expect(try await signIn(ingress).status == 401)
            #expect(try await signIn(ingress, "Battery-staple-8").status == 200)
        }
    }

    @Test func aStreamEndsWithItsSignIn() async throws {
        try await run { ingress in
            let token = try tokens(try await signIn(ingress)).access
            let begun = Latch()
            let reading = Task {
                try await ingress.client.stream(
                    "/api/v1/hardware/metrics/stream?interval=1", token: token, until: "stream_metadata", count: 60,
                    begun: begun)
            }
            try await withDeadline("the first sample") { await begun.wait() }
            #expect(try await ingress.client.send("POST", "/auth/logout", token: token).status == 200)
            let answer = try await withDeadline("the stream ends", seconds: 10) { try await reading.value }
            #expect(answer.status == 200)
        }
    }

    @Test func administratorsManageUsers() async throws {
        try await run { ingress in
            let client = ingress.client
            let administrator = try ingress.token()
            let token = try tokens(try await signIn(ingress)).access
            for (method, path) in [("GET", "/auth/users"), ("PUT", "/auth/users/1/admin"), ("DELETE", "/auth/users/1")]
            {
                #expect(try await client.send(method, path, token: token, body: "{}").status == 403, "\(path)")
            }
            let list = try await client.get("/api/v1/auth/users?limit=10", token: administrator).json()
            let names = list.elements.map { $0["username"]?.string }
            #expect(names == ["alice"])
            let promoted = try await client.send(
                "PUT", "/api/v1/auth/users/1/admin", token: administrator, body: #"{"is_admin":true}"#)
            #expect(try promoted.json()["role"]?.string == "administrator")
            // A token says who somebody is; what they may is looked up.
            #expect(try await client.get("/auth/users", token: token).status == 200)
            #expect(try await client.send("DELETE", "/auth/users/1", token: token).status == 400, "not oneself")
            #expect(try await client.send("DELETE", "/auth/users/1", token: administrator).status == 200)
            #expect(try await client.get("/auth/me", token: token).status == 401)
            #expect(try await signIn(ingress).status == 403)
            #expect(try await client.send("DELETE", "/auth/users/99", token: administrator).status == 404)
        }
    }

    @Test func refusesAccountsThatCannotBe() async throws {
        try await run { ingress in
            let bodies = [
                #"{"username":"alice","password":"Correct-horse-7"}"#: 400,
                #"{"username":"bob","email":"ALICE@example.org","password":"Correct-horse-7"}"#: 400,
                #"{"username":"bo","password":"Correct-horse-7"}"#: 400,
                #"{"username":"b'; DROP TABLE users","password":"Correct-horse-7"}"#: 400,
                #"{"username":"bob","password":"correct-horse-7"}"#: 400,
                #"{"username":"bob","password":"C0rrecthorse"}"#: 400,
                #"{"username":"bob","email":"bob","password":"Correct-horse-7"}"#: 400,
                #"{"username":7,"password":"Correct-horse-7"}"#: 422,
                #"{"username":"bob"}"#: 422,
            ]
            for (body, status) in bodies {
                let answer = try await ingress.client.send(
                    "POST", "/auth/register", token: ingress.token(), body: body)
                #expect(answer.status == status, "\(body): \(answer.text)")
            }
            let unknown = try await ingress.client.send("POST", "/auth/register", body: "{}")
            #expect(unknown.status == 401)
        }
    }

    @Test func usersSurviveTheLossOfTheViews() async throws {
        let folder = try TemporaryFolder()
        try await TestIngress.run(in: folder) { ingress in
            let answer = try await ingress.client.send(
                "POST", "/auth/register", token: ingress.token(),
                body: #"{"username":"alice","password":"\#(Self.password)"}"#)
            #expect(answer.status == 201)
        }
        for suffix in ["", "-wal", "-shm"] { unlink(folder.path + "/views.db" + suffix) }
        try await TestIngress.run(in: folder) { ingress in
            let answer = try await signIn(ingress)
            #expect(answer.status == 200)
        }
    }
}
