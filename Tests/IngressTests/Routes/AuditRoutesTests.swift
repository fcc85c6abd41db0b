import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct AuditRoutesTests {
    @Test func saysWhoDidWhatAndWhoWasRefused() async throws {
        try await TestIngress.run { ingress in
            let client = ingress.client
            let administrator = try ingress.token(id: "0")
            _ = try await client.send(
                "POST", "/auth/register", token: administrator,
                body: #"{"username":"alice","password":"Correct-horse-7"}"#)
            let wrong = try await client.send(
                "POST", "/auth/login", headers: ["X-Request-ID": "wrong-1"],
                body: #"{"username":"alice","password":"no"}"#)
            #expect(wrong.status == 401)
            _ = try await client.send(
                "POST", "/auth/login", body: #"{"username":"alice","password":"Correct-horse-7"}"#)
            let token = try ingress.token(["system:read"], id: "7")
            #expect(try await client.get("/api/v1/audit", token: token).status == 403)
            try await ingress.eventually("the audit has everything") {
                try await client.get("/api/v1/audit", token: administrator).json()["records"]?.count == 4
            }
            let records = try await client.get("/api/v1/audit", token: administrator).json().requiredArray("records")
            let events = records.elements.map { $0["event"]?.string }
            #expect(events == ["refused", "signed_in", "sign_in_refused", "user_added"])
            let refusal = try #require(Array(records.elements).first)
            #expect(refusal["who"]?.string == "7" && refusal["result"]?.int == 403)
            #expect(refusal["target"]?.string == "/api/v1/audit" && refusal["peer"]?.string == "127.0.0.1")
            let failed = try await client.get("/api/v1/audit?event=sign_in_refused", token: administrator).json()
            let entries = try failed.requiredArray("records").elements.map { $0["request_id"]?.string }
            #expect(entries == ["wrong-1"])
            let page = try await client.get("/api/v1/audit?who=alice&limit=1", token: administrator).json()
            #expect(page["records"]?.count == 1 && page["has_more"]?.bool == false)
            let later = try await client.get("/api/v1/audit?since=2999-01-01T00:00:00Z", token: administrator).json()
            #expect(later["records"]?.count == 0)
            #expect(try await client.get("/api/v1/audit?since=yesterday", token: administrator).status == 422)
        }
    }

    @Test func survivesARestart() async throws {
        let folder = try TemporaryFolder()
        try await TestIngress.run(in: folder) { ingress in
            let refused = try await ingress.client.get("/api/v1/audit")
            #expect(refused.status == 401)
        }
        try await TestIngress.run(in: folder) { ingress in
            let token = try ingress.token()
            try await ingress.eventually("the refusal of before is there") {
                try await ingress.client.get("/api/v1/audit?event=refused", token: token).json()["records"]?.count == 1
            }
        }
    }
}
