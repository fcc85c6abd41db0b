import Contracts
import Testing

@testable import Ingress

@Suite struct CommandListRoutesTests {
    private static let path = "/api/v1/commands"

    @Test func commandsAreListedPageByPage() async throws {
        try await TestIngress.run { ingress in
            try await ingress.pushing {
                for _ in 0..<5 {
                    let sent = try await ingress.post(TestIngress.command)
                    #expect(sent.status == 200)
                }
            }
            #expect(
                try await ingress.post(
                    TestIngress.command.replacing("d1", with: "d2"), headers: ["Prefer": "respond-async"]
                ).status == 202)
            let token = try ingress.token(["commands:read"])
            try await ingress.eventually("the list") {
                try await ingress.client.get(Self.path, token: token).json()["commands"]?.count == 6
            }
            var ids: [String?] = []
            var cursor = ""
            for count in [4, 2] {
                let page = try await ingress.client.get("\(Self.path)?limit=4\(cursor)", token: token).json()
                #expect(page["commands"]?.count == count)
                ids += page["commands"]?.elements.map { $0["request_id"]?.string } ?? []
                cursor = "&cursor=\(page["next_cursor"]?.string ?? "")"
            }
            #expect(cursor == "&cursor=")
            #expect(Set(ids).count == 6)
            let published = try await ingress.client.get(
                "\(Self.path)?status=published&command_type=config&device_id=d1", token: token
            ).json()
            #expect(published["commands"]?.count == 5)
            let accepted = try await ingress.client.get("\(Self.path)?device_id=d2", token: token).json()
            #expect(accepted["commands"]?.elements.map { $0["status"]?.string } == ["accepted"])
        }
    }

    @Test func whatIsAskedForIsChecked() async throws {
        try await TestIngress.run { ingress in
            let token = try ingress.token(["commands:read"])
            for query in ["status=gone", "limit=0", "limit=1001", "since=x", "until=x", "cursor=x"] {
                let answer = try await ingress.client.get("\(Self.path)?\(query)", token: token)
                #expect(answer.status == 422, "\(query)")
            }
            #expect(try await ingress.client.get(Self.path).status == 401)
            #expect(try await ingress.client.get(Self.path, token: try ingress.token(["commands:send"])).status == 403)
        }
    }
}
