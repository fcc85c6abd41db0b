import Contracts
import Runtime
import Testing

@testable import MetricsWorker

@Suite struct AlertTrackerTests {
    private static let rule = AlertRule(
        "r", "t", .cpu, hold: .seconds(10), keepFiring: .seconds(20),
        levels: [.init(.medium, enter: 85, leave: 80), .init(.critical, enter: 95, leave: 90)])

    /// Observes values at seconds; answers what each brought.
    private static func run(
        _ observations: [(second: Int, value: Double?)], from tracker: AlertTracker = AlertTracker()
    ) -> [AlertTracker.Transition?] {
        var tracker = tracker
        return observations.map { tracker.observe($0.value, at: .seconds($0.second), rule) }
    }

    @Test func whatHasNotLastedIsNothing() {
        #expect(Self.run([(0, 99), (9, 99), (10, 84.9), (11, 99), (20, 99)]) == [nil, nil, nil, nil, nil])
        #expect(Self.run([(0, 99), (9, nil), (12, 99), (21, 99)]) == [nil, nil, nil, nil])
    }

    @Test func whatLastsIsRaisedAtItsLevel() {
        #expect(Self.run([(0, 85), (10, 85)]) == [nil, .raised(level: 0)])
        #expect(Self.run([(0, 85), (10, 95)]) == [nil, .raised(level: 1)])
    }

    @Test func aHigherLevelIsToldAtOnceAndALowerOneWhenItLasts() {
        let found = Self.run([
            (0, 85), (10, 85), (11, 95), (12, 91), (13, 90), (32, 90), (33, 90), (34, 95),
        ])
        #expect(
            found == [
                nil, .raised(level: 0), .updated(level: 1), nil, nil, nil, .updated(level: 0), .updated(level: 1),
            ])
    }

    /// Between leaving and entering nothing changes, however often the value goes to and fro.
    @Test func aValueAroundTheThresholdIsOneAlert() {
        var observations: [(Int, Double?)] = [(0, 85), (10, 85)]
        for second in 11..<200 { observations.append((second, second % 2 == 0 ? 85.1 : 80.1)) }
        #expect(Self.run(observations).compactMap(\.self) == [.raised(level: 0)])
    }

    @Test func itIsOverWhenTheValueHasStayedBelow() {
        let found = Self.run([(0, 85), (10, 85), (11, 80), (30, 80), (31, 80), (32, 85), (42, 85)])
        #expect(found == [nil, .raised(level: 0), nil, nil, .resolved(level: 0), nil, .raised(level: 0)])
        let again = Self.run([(0, 85), (10, 85), (11, 80), (30, 81), (31, 80), (50, 80), (51, 80)])
        #expect(again == [nil, .raised(level: 0), nil, nil, nil, nil, .resolved(level: 0)])
    }

    @Test func noDataIsAStateOfItsOwn() {
        let found = Self.run([
            (0, 85), (10, 85), (11, nil), (40, nil), (41, nil), (42, nil), (50, 85), (51, nil), (3650, nil),
            (3651, nil),
        ])
        #expect(
            found == [
                nil, .raised(level: 0), nil, nil, .lostData(level: 0), nil, .updated(level: 0), nil,
                .lostData(level: 0), .resolved(level: 0),
            ])
        // What nobody knows has not stayed below.
        let below = Self.run([(0, 85), (10, 85), (11, 70), (20, nil), (31, 70), (50, 70), (51, 70)])
        #expect(below.compactMap(\.self) == [.raised(level: 0), .resolved(level: 0)])
        #expect(below[4] == nil)
    }

    @Test func whatStaysIsToldAgainEachDay() {
        let day = 86_400
        let found = Self.run([(0, 85), (10, 85), (day + 9, 85), (day + 10, 85), (2 * day, 85), (2 * day + 10, 85)])
        #expect(found == [nil, .raised(level: 0), nil, .updated(level: 0), nil, .updated(level: 0)])
    }
}
