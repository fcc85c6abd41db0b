import BusClients
import BusTestKit
import CommandPusher
import Contracts
import Runtime

@testable import Ingress

/// A pusher beside a test ingress, and what the tests of commands send.
extension TestIngress {
    static let command = #"{"device_id":"d1","command_type":"config","payload":{"a":1},"protocol":"mqtt"}"#

    /// Runs a pusher while the body runs.
    func pushing(_ body: () async throws -> Void) async throws {
        let service = CommandPushService(
            bus: bus, time: SystemTime(), metrics: MetricsRegistry(), logger: .silent)
        let lifecycle = Lifecycle()
        let running = Task { try await service.run(lifecycle) }
        await lifecycle.waitUntilStarted()
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        lifecycle.requestStop()
        try await withDeadline("the pusher stops") { try await running.value }
        try outcome.get()
    }

    func post(
        _ body: String, to path: String = "/api/v1/commands", headers: [String: String] = [:], token: String? = nil
    ) async throws -> TestClient.Answer {
        try await client.send(
            "POST", path, token: token ?? (try self.token(["commands:*"])), headers: headers, body: body)
    }

    func commandStatus(_ id: String, wait: Int? = nil) async throws -> TestClient.Answer {
        let query = wait.map { "?wait=\($0)" } ?? ""
        return try await client.get("/api/v1/commands/\(id)/status\(query)", token: try token(["commands:read"]))
    }

    /// The request ids on the command topic.
    func publishedIDs() async throws -> [String] {
        let topic = Topic(StreamNames.deviceCommands)
        var ids: [String] = []
        for (partition, range) in try await bus.log.offsets(of: topic).enumerated() where !range.isEmpty {
            ids += try await bus.log.read(
                topic, partition: partition, from: range.lowerBound, limit: Int(range.upperBound)
            ).compactMap { $0.record.headers[CommandRecord.requestIDHeader] }
        }
        return ids
    }

    func queuedJobs() async throws -> Int {
        do throws(BusError) {
            let status = try await bus.queues.status(of: QueueName(StreamNames.commandRequests))
            return status.ready + status.inFlight + status.delayed
        } catch  where error.code == .unknownQueue {
            return 0
        }
    }
}
