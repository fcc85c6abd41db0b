import BusClients
import BusTestKit
import Contracts
import HTTPKit
import Runtime
import Testing

@testable import HTTPKit
@testable import Ingress

@Suite struct HostQuestionsTests {
    private static let queue = QueueName(StreamNames.inspect("h"))
    private let request = HTTPRequest(
        method: .GET, path: "/", peer: PeerAddress(host: "::1", port: 1, isLoopback: true), requestID: "r", route: "/")

    @Test func questionsInFlightAreBoundedAndEndTogether() async throws {
        let folder = try TemporaryFolder()
        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: folder.path))
        try await bus.queues.declare(Self.queue, WorkQueueOptions())
        let time = ManualTime()
        let registry = MetricsRegistry()
        let questions = HostQuestions(bus: bus, time: time, metrics: registry, logger: .silent)
        let listening = Task { try await questions.run() }
        let ask = { @Sendable () async -> Int in
            do throws(HTTPError) {
                _ = try await questions.ask("h", "s", Array("{}".utf8), for: request)
                return 200
            } catch { return error.status }
        }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<HostQuestions.limit { group.addTask { await ask() } }
            try await withDeadline("all are asked") {
                while try await bus.queues.status(of: Self.queue).ready < HostQuestions.limit { await Task.yield() }
            }
            #expect(await ask() == 503)
            time.advance(by: InspectionStreams.patience)
            let statuses = try await group.reduce(into: [Int]()) { $0.append($1) }
            #expect(statuses == Array(repeating: 504, count: HostQuestions.limit))
        }
        let text = registry.render()
        #expect(text.contains(#"flotilla_questions_total{outcome="unanswered"} 64"#))
        #expect(text.contains(#"flotilla_questions_total{outcome="refused"} 1"#))
        listening.cancel()
        _ = await listening.result
        await bus.close()
    }
}
