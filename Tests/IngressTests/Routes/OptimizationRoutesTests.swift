import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct OptimizationRoutesTests {
    private static let path = "/api/v1/hardware/optimize"
    private static let queue = QueueName(StreamNames.optimizeHost("alpha"))

    private func declare(_ bus: Bus) async throws { try await bus.queues.declare(Self.queue, WorkQueueOptions()) }

    private func start(_ ingress: TestIngress, token: String, _ body: String) async throws -> TestClient.Answer {
        try await ingress.client.send("POST", Self.path, token: token, body: body)
    }

    @Test func aRequestIsDurableAndFoundAtOnce() async throws {
        try await TestIngress.run(prepare: declare) { ingress in
            let token = try ingress.token(["hardware:optimize", "hardware:monitor"])
            let answer = try await start(ingress, token: token, #"{"optimization_type":"memory"}"#)
            #expect(answer.status == 200)
            let result = try answer.json()
            #expect(result["status"]?.string == "running")
            #expect(result["dry_run"]?.bool == true)
            #expect(result["changes_applied"]?.count == 0)
            let id = try #require(result["task_id"]?.string)

            let deliveries = try await ingress.bus.queues.consume(Self.queue, prefetch: 1)
            let delivery = try await withDeadline("the job") {
                var iterator = deliveries.makeAsyncIterator()
                return try await iterator.next()?.first
            }
            let job = try OptimizationRequest(json: #require(delivery).message.body)
            #expect(job.id == id)
            #expect(job.requestedBy == "7")
            #expect(job.host == "alpha")
            #expect(job.isDryRun)
            delivery?.ack()

            let found = try await ingress.client.get("\(Self.path)/\(id)", token: token)
            #expect(found.status == 200)
            #expect(try found.json()["optimization_type"]?.string == "memory")
            #expect(try await ingress.client.get("\(Self.path)/unknown", token: token).status == 404)
        }
    }

    @Test func onlyOwnerAndAdministratorSeeIt() async throws {
        try await TestIngress.run(prepare: declare) { ingress in
            let owner = try ingress.token(["hardware:*"])
            let stranger = try ingress.token(["hardware:*"], id: "8")
            let id = try #require(
                try await start(ingress, token: owner, #"{"optimization_type":"disk","dry_run":"no"}"#)
                    .json()["task_id"]?.string)
            for (token, status) in [(owner, 200), (stranger, 403), (try ingress.token(), 200)] {
                #expect(try await ingress.client.get("\(Self.path)/\(id)", token: token).status == status)
            }
            #expect(try await ingress.client.send("DELETE", "\(Self.path)/\(id)", token: stranger).status == 403)
            #expect(try await ingress.client.get(Self.path, token: owner).json()["total"]?.int == 1)
            #expect(try await ingress.client.get(Self.path, token: stranger).json()["total"]?.int == 0)
            #expect(try await ingress.client.get(Self.path, token: ingress.token()).json()["total"]?.int == 1)
        }
    }

    @Test func cancellationIsPublishedOnceRunning() async throws {
        try await TestIngress.run(prepare: declare) { ingress in
            let control = ExchangeName(StreamNames.fleetControl)
            try await ingress.bus.events.declare(control, EventExchangeOptions())
            let orders = try await ingress.bus.events.subscribe(
                to: control, matching: ["session.cancel.*"], from: .first)
            let token = try ingress.token(["hardware:*"])
            let id = try #require(
                try await start(ingress, token: token, #"{"optimization_type":"disk"}"#).json()["task_id"]?.string)
            let answer = try await ingress.client.send("DELETE", "\(Self.path)/\(id)?force=true", token: token)
            #expect(answer.status == 200)
            let body = try answer.json()
            #expect(body["message"]?.string == "Optimization task \(id) cancellation requested")
            #expect(body["cancelled_by"]?.int == 7)
            #expect(body["force_used"]?.bool == true)
            let event = try await withDeadline("the order") {
                var iterator = orders.makeAsyncIterator()
                return try await iterator.next()?.first
            }
            #expect(event?.routingKey.rawValue == "session.cancel.\(id)")
            guard case .cancel(let order) = try ControlMessage(json: #require(event).message.body) else { return }
            #expect(order.sessionID == id)
            #expect(order.isForced)

            try await ingress.bus.tell("session.cancelled", #"{"task_id":"\#(id)"}"#, id: "end")
            try await ingress.eventually("the session has ended") {
                try await ingress.client.get("\(Self.path)/\(id)", token: token).json()["status"]?.string == "cancelled"
            }
            #expect(try await ingress.client.send("DELETE", "\(Self.path)/\(id)", token: token).status == 409)
        }
    }

    @Test func pagesGoOnWhereTheLastOneEnded() async throws {
        try await TestIngress.run(prepare: { bus in
            for number in 0..<7 {
                let owner = number < 5 ? "7" : "8"
                try await bus.tell(
                    "session.requested", #"{"id":"s\#(number)","requested_by":"\#(owner)"}"#, id: "\(number)")
            }
            try await bus.tell("session.failed", #"{"task_id":"s1"}"#, id: "end")
        }) { ingress in
            let token = try ingress.token(["hardware:monitor"])
            var ids: [String] = []
            for skip in [0, 2, 4, 6] {
                let page = try await ingress.client.get("\(Self.path)?limit=2&skip=\(skip)", token: token).json()
                #expect(page["total"]?.int == 5)
                #expect(page["limit"]?.int == 2)
                #expect(page["skip"]?.int == skip)
                ids += page["tasks"]?.elements.compactMap { $0["task_id"]?.string } ?? []
            }
            #expect(ids == ["s4", "s3", "s2", "s1", "s0"])
            let failed = try await ingress.client.get(
                "\(Self.path)?status_filter=failed&user_filter=7", token: ingress.token()
            ).json()
            #expect(failed["total"]?.int == 1)
            #expect(failed["skip"]?.int == 0)
            let end = try await ingress.client.get("\(Self.path)?skip=\(Int.max)", token: token).json()
            #expect(end["total"]?.int == 5)
            #expect(end["tasks"]?.count == 0)
            for skip in ["-1", "1.5", "9223372036854775808", "x"] {
                #expect(try await ingress.client.get("\(Self.path)?skip=\(skip)", token: token).status == 422)
            }
        }
    }

    @Test func everyFaultIsNamed() async throws {
        try await TestIngress.run(prepare: declare) { ingress in
            let token = try ingress.token()
            let body = #"{"optimization_type":"warp","dry_run":3,"priority":"urgent","rollback_timeout_minutes":4}"#
            let answer = try await start(ingress, token: token, body)
            #expect(answer.status == 422)
            let places = try answer.json()["detail"]?.elements.compactMap { entry in
                entry["loc"]?.elements.compactMap(\.string).joined(separator: ".")
            }
            #expect(
                places == ["body.optimization_type", "body.priority", "body.dry_run", "body.rollback_timeout_minutes"])
            for body in ["", "[]", "{}", #"{"optimization_type":"cpu"}"#, #"{"optimization_type":null}"#] {
                #expect(try await start(ingress, token: token, body).status == 422, "\(body)")
            }
            let status = try await ingress.bus.queues.status(of: Self.queue)
            #expect(status.ready == 0)
        }
    }

    @Test func withoutAWorkerNothingIsDone() async throws {
        try await TestIngress.run { ingress in
            let token = try ingress.token()
            let answer = try await start(ingress, token: token, #"{"optimization_type":"memory"}"#)
            #expect(answer.status == 503)
            #expect(answer.headers["retry-after"] != nil)
            #expect(try await ingress.client.get(Self.path, token: token).json()["total"]?.int == 0)
        }
    }
}
