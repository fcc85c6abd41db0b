import BusTestKit
import Contracts
import Testing

@testable import Ingress

@Suite struct CommandCancellerTests {
    private func cancel(
        _ id: String, _ ingress: TestIngress, as permission: String = "commands:send"
    ) async throws
        -> TestClient.Answer
    {
        try await ingress.client.send("DELETE", "/api/v1/commands/\(id)", token: try ingress.token([permission]))
    }

    @Test func whatWaitsIsCancelledWhenAPusherSeesIt() async throws {
        try await TestIngress.run { ingress in
            let headers = ["Prefer": "respond-async", "Idempotency-Key": "k"]
            let sent = try await ingress.post(TestIngress.command, headers: headers)
            let id = try #require(try sent.json()["request_id"]?.string)
            let asked = try await cancel(id, ingress)
            #expect(asked.status == 202)
            #expect(try asked.json()["status"]?.string == "accepted")
            try await ingress.pushing {
                try await ingress.eventually("the decision") {
                    try await ingress.commandStatus(id).json()["status"]?.string == "cancelled"
                }
            }
            #expect(try await ingress.publishedIDs().isEmpty)
            let again = try await cancel(id, ingress)
            #expect(again.status == 200)
            let history = Array(try #require(try again.json()["history"]).elements)
            #expect(history.map { $0["status"]?.string } == ["accepted", "cancelled"])
            #expect(history.last?["evidence"]?["cancelled_by"]?.string == "user7")
            #expect(history.last?["evidence"]?["requested_at"]?.timestamp != nil)
            // The key is still that command's.
            let repeated = try await ingress.post(TestIngress.command, headers: headers)
            #expect(try repeated.json()["status"]?.string == "cancelled")
            #expect(try repeated.json()["success"]?.bool == false)
            let listed = try await ingress.client.get(
                "/api/v1/commands?status=cancelled", token: try ingress.token(["commands:read"])
            ).json()
            #expect(listed["commands"]?.elements.map { $0["request_id"]?.string } == [id])
            try await ingress.eventually("the audit") {
                try await ingress.client.get(
                    "/api/v1/audit?event=command_cancellation_requested&target=\(id)", token: try ingress.token()
                ).json()["records"]?.count == 1
            }
        }
    }

    @Test func whatWasPublishedIsNot() async throws {
        try await TestIngress.run { ingress in
            try await ingress.pushing {
                let sent = try await ingress.post(TestIngress.command)
                let id = try #require(try sent.json()["request_id"]?.string)
                let refused = try await cancel(id, ingress)
                #expect(refused.status == 409)
                #expect(try refused.json()["details"]?["status"]?.string == "published")
                #expect(try refused.json()["details"]?["request_id"]?.string == id)
            }
        }
    }

    @Test func oneOfABatchIsCancelledAlone() async throws {
        try await TestIngress.run { ingress in
            let commands = Array(repeating: TestIngress.command, count: 5).joined(separator: ",")
            let sent = try await ingress.post("{\"commands\":[\(commands)]}", to: "/api/v1/commands/batch")
            let ids = try sent.json()["results"]?.elements.compactMap { $0["request_id"]?.string } ?? []
            try #require(ids.count == 5)
            #expect(try await cancel(ids[2], ingress).status == 202)
            try await ingress.pushing {
                try await ingress.eventually("the decision") {
                    try await ingress.commandStatus(ids[2]).json()["status"]?.string == "cancelled"
                }
            }
            #expect(try await ingress.publishedIDs() == ids.enumerated().filter { $0.offset != 2 }.map(\.element))
        }
    }

    @Test func whoMayNotSendMayNotCancel() async throws {
        try await TestIngress.run { ingress in
            let unknown = try await cancel("unknown", ingress)
            #expect(unknown.status == 404)
            let reader = try await cancel("unknown", ingress, as: "commands:read")
            #expect(reader.status == 403)
            let nobody = try await ingress.client.send("DELETE", "/api/v1/commands/unknown")
            #expect(nobody.status == 401)
        }
    }
}
