import BusClients
import Contracts
import Runtime
import Testing

@testable import CommandPusher

@Suite struct PushBatchTests {
    private func delivery(
        _ id: String, _ lines: [[UInt8]], attempt: Int = 1, enqueuedAt: Timestamp = Timestamp(microseconds: 0)
    ) -> Delivery {
        let body = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
        return Delivery(
            queue: PusherFixture.queue, message: Message(id: MessageID(id), body: body), attempt: attempt,
            enqueuedAt: enqueuedAt, settle: { _ in })
    }

    private func statuses(of batch: PushBatch) throws -> [CommandStatus] {
        var statuses: [CommandStatus] = []
        for record in PushStatuses(of: batch, topic: "t").records {
            for line in JSONLines(record.value) {
                let root = try JSONDocument(parsing: line).root
                if try PublishedCommands.read(root, { statuses.append($0.status(of: $1)) }) { continue }
                statuses.append(try CommandStatus(root))
            }
        }
        return statuses
    }

    @Test func keepsTheOrderOfTheQueue() throws {
        let batch = PushBatch(
            spans: TraceIDSource(),
            [
                delivery("1", [try PusherFixture.line("a"), try PusherFixture.line("b")]),
                delivery("2", [try PusherFixture.line("c")]),
            ])
        #expect(batch.lines.map(\.envelope.requestID) == ["a", "b", "c"])
        #expect(batch.pendingLines == [0, 1, 2])
        #expect(batch.linesToLookUp.isEmpty)
    }

    @Test func looksUpKeysAndRedeliveries() throws {
        let batch = PushBatch(
            spans: TraceIDSource(),
            [
                delivery("1", [try PusherFixture.line("a", isKeyed: true), try PusherFixture.line("b")]),
                delivery("2", [try PusherFixture.line("c")], attempt: 2),
            ])
        #expect(batch.linesToLookUp == [0, 2])
    }

    @Test func looksUpWhatWasReplayedFromTheDeadLetters() throws {
        let now = SystemTime().now
        let batch = PushBatch(
            spans: TraceIDSource(),
            [
                delivery("1", [try PusherFixture.line("a")], enqueuedAt: now),
                delivery("2", [try PusherFixture.line("b")], enqueuedAt: now.advanced(by: .seconds(60))),
            ])
        #expect(batch.linesToLookUp == [1])
    }

    @Test func setsUnreadableJobsAside() throws {
        let batch = PushBatch(
            spans: TraceIDSource(),
            [
                delivery("1", [try PusherFixture.line("a"), Array("{".utf8)]), delivery("2", []),
                delivery("3", [try PusherFixture.line("b")]),
            ])
        #expect(batch.unreadable.map(\.delivery.message.id) == ["1", "2"])
        #expect(batch.lines.map(\.envelope.requestID) == ["b"])
    }

    @Test func oneCommandTwiceIsPublishedOnce() throws {
        var batch = PushBatch(
            spans: TraceIDSource(),
            [
                delivery("1", [try PusherFixture.line("a", isKeyed: true)]),
                delivery("2", [try PusherFixture.line("a", isKeyed: true)]),
            ])
        #expect(batch.pendingLines == [0])
        batch.settle(
            0, .published(LogPosition(partition: 0, offset: 1), at: Timestamp(microseconds: 1), isNew: true))
        #expect(try statuses(of: batch).map(\.requestID) == ["a"])
        #expect(batch.deliveries.count == 2)
    }

    @Test func expiresOnlyWhatIsNotPublished() throws {
        let expiry = Timestamp(microseconds: 100)
        var batch = PushBatch(
            spans: TraceIDSource(),
            [
                delivery(
                    "1",
                    [
                        try PusherFixture.line("a", expiresAt: expiry), try PusherFixture.line("b", expiresAt: expiry),
                        try PusherFixture.line("c"),
                    ])
            ])
        let position = LogPosition(partition: 0, offset: 1)
        batch.settle(0, .published(position, at: Timestamp(microseconds: 1), isNew: false))
        batch.expire(now: expiry)
        #expect(batch.pendingLines == [2])
        let states = try statuses(of: batch).map { $0.history.map(\.state) }
        #expect(states == [[.accepted, .published], [.accepted, .expired]])
    }
}
