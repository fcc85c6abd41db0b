import BusClients
import Contracts
import Runtime
import Testing

@testable import DeviceConnector

/// What follows from what a broker and its devices say, without either.
@Suite struct ConnectorStateTests {
    private static let now = Timestamp(microseconds: 1_795_000_000_000_000)

    private static func state(_ change: (inout DeviceConnectorConfiguration) -> Void = { _ in }) -> ConnectorState {
        var configuration = DeviceConnectorConfiguration(mqtt: MQTTConfiguration(host: "broker"))
        change(&configuration)
        var state = ConnectorState(configuration)
        state.handle(.connected, now: now, uptime: .zero)
        return state
    }

    private static func record(_ id: String, offset: Int64, device: String = "d", more: String = "") -> StoredRecord {
        let value =
            #"{"request_id":"\#(id)","device_id":"\#(device)","command_type":"c","payload":{},"protocol":"mqtt"\#(more)}"#
        return StoredRecord(
            position: LogPosition(partition: 0, offset: offset),
            record: LogRecord(key: device, value: Array(value.utf8)), appendedAt: now)
    }

    private static func send(_ state: inout ConnectorState, uptime: Duration = .zero) -> [Int] {
        state.sends(now: now, uptime: uptime).map(\.token)
    }

    /// Holds what is to be reported against these states, and settles it.
    private static func expect(
        _ states: [CommandState?], _ state: inout ConnectorState, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let outcomes = state.takeOutcomes()
        state.settle(outcomes)
        state.reported()
        #expect(outcomes.map { $0.report?.step.state } == states, sourceLocation: sourceLocation)
    }

    @Test func anAnswerBeforeTheBrokersWordLeavesNothingToWaitFor() throws {
        var state = Self.state()
        state.take(Self.record("r", offset: 0), now: Self.now)
        let sent = Self.send(&state)
        let token = try #require(sent.first)
        let answer = Array(#"{"status":"acknowledged"}"#.utf8)
        state.handle(
            .message(topic: "devices/d/commands/r/ack", payload: answer, at: Self.now), now: Self.now, uptime: .zero)
        state.handle(
            .acknowledged(token: token, mid: 1, reason: nil, at: Self.now), now: Self.now, uptime: .zero)
        Self.expect([.acknowledged, .published], &state)
        #expect(state.tracker.due == [0: 1] && state.isSettled)
        state.tick(now: Self.now, uptime: .seconds(3600))
        Self.expect([], &state)
    }

    @Test func aBrokerThatNeverAcknowledgesFailsTheCommand() throws {
        var state = Self.state()
        state.take(Self.record("r", offset: 0), now: Self.now)
        state.take(Self.record("next", offset: 1), now: Self.now)
        let tokens = Self.send(&state)
        #expect(tokens.count == 1)
        state.tick(now: Self.now, uptime: .seconds(59))
        Self.expect([], &state)
        // The time that a broker was away does not count.
        state.handle(.disconnected("away", isRefusal: false), now: Self.now, uptime: .seconds(59))
        state.tick(now: Self.now, uptime: .seconds(500))
        state.handle(.connected, now: Self.now, uptime: .seconds(500))
        state.tick(now: Self.now, uptime: .seconds(559))
        Self.expect([], &state)
        state.tick(now: Self.now, uptime: .seconds(561))
        Self.expect([.failed], &state)
        let later = Self.send(&state, uptime: .seconds(561))
        #expect(later.count == 1)
    }

    @Test func whatTheBrokerMayHaveIsSaidSoWhenItExpires() throws {
        var state = Self.state()
        let expiry = Self.now.advanced(by: .seconds(5))
        state.take(
            Self.record("r", offset: 0, more: #","expires_at":"\#(expiry.rfc3339)""#), now: Self.now)
        let sent = Self.send(&state)
        let token = try #require(sent.first)
        state.handle(.returned(token: token), now: Self.now, uptime: .zero)
        state.tick(now: expiry, uptime: .seconds(5))
        let told = state.takeOutcomes().first?.report
        let report = try #require(told)
        #expect(report.step.state == .expired)
        #expect(report.delivery?.reason == "not acknowledged by the broker before its expiry; it may have arrived")
    }

    @Test func anIdThatNoTopicCanHoldIsNotTakenForOne() throws {
        var state = Self.state()
        state.take(Self.record("a+b#", offset: 0), now: Self.now)
        let sent = state.sends(now: Self.now, uptime: .zero)
        #expect(sent.map(\.message.topic) == ["devices/d/commands"])
        #expect(sent.map(\.message.answerTopic) == [nil] && sent.map(\.message.correlation) == ["a+b#"])
        state.take(Self.record("r", offset: 1, device: "+"), now: Self.now)
        Self.expect([.failed], &state)
    }

    @Test func whatTheBrokerRefusesFails() throws {
        var state = Self.state()
        state.take(Self.record("r", offset: 0), now: Self.now)
        let sent = Self.send(&state)
        let token = try #require(sent.first)
        state.handle(.refused(token: token, reason: "the broker: Not authorized."), now: Self.now, uptime: .zero)
        Self.expect([.failed], &state)
        #expect(state.tracker.due == [0: 1])
    }

    @Test func whatIsInHandIsBounded() {
        var state = Self.state {
            $0.window = 3
            $0.maximumInFlight = 2
            $0.maximumAwaited = 1
        }
        for offset in 0..<3 {
            state.take(Self.record("r\(offset)", offset: Int64(offset), device: "d\(offset)"), now: Self.now)
        }
        #expect(!state.hasRoom)
        let tokens = Self.send(&state)
        #expect(tokens.count == 2)
        for token in tokens {
            state.handle(.acknowledged(token: token, mid: 1, reason: nil, at: Self.now), now: Self.now, uptime: .zero)
        }
        #expect(state.hasRoom)
        Self.expect([.published, .published], &state)
        state.tick(now: Self.now, uptime: .seconds(60))
        Self.expect([.timedOut], &state)
        state.stop()
        let later = Self.send(&state)
        #expect(later == [])
    }
}
