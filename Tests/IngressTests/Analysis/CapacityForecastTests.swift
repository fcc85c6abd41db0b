import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct CapacityForecastTests {
    /// Samples in the middle of each hour before a clock at a whole hour, with this memory in use.
    private func forecast(
        hours: Int, days: Int = 30, _ memory: (Int) -> Double?
    ) async throws -> (forecast: CapacityForecast, now: Timestamp) {
        let time = ManualTime()
        time.advance(by: .microseconds(3_600_000_000 - time.now.microseconds % 3_600_000_000))
        let history = try await TestHistory(time)
        let begin = time.now.advanced(by: .seconds(-3600 * hours))
        try await history.apply(
            (0..<hours).compactMap { hour in
                memory(hour).map { value in
                    var sample = HostSample.example(at: begin.advanced(by: .seconds(3600 * hour + 1800)))
                    sample.memory.usedPercent = value
                    return sample
                }
            })
        try await history.prune()
        let range = try await history.range(hours: 90 * 24, step: 3600, ["memory_percent"])
        try await history.close()
        return (CapacityForecast(range, column: 0, days: days), time.now)
    }

    @Test func aLineReachesItsThresholdsInTime() async throws {
        // 44 % now, 2.4 a day.
        let (forecast, now) = try await forecast(hours: 240) { 20 + 0.1 * (Double($0) + 0.5) }
        let line = try #require(forecast.line)
        #expect(abs(line.slopePerHour - 0.1) < 1e-5)
        #expect(line.points == 240)
        #expect(forecast.hours == 240)
        #expect(forecast.samples == 240)
        #expect(forecast.dataHours == 240)
        #expect(forecast.confidence == .medium)
        func check(
            _ scenario: CapacityForecast.Scenario, _ values: [Double], hours90: Double?, hours100: Double?
        ) throws {
            let outcome = try #require(forecast.outcome(scenario))
            #expect(outcome.points.map(\.day) == [7.5, 15, 22.5, 30])
            for (point, value) in zip(outcome.points, values) {
                #expect(abs(point.expected - value) < 0.01)
                #expect(abs(point.low - value) < 0.01 && abs(point.high - value) < 0.01)
            }
            #expect(outcome.reaches.map(\.threshold) == [90, 100])
            for ((_, reach), wanted) in zip(outcome.reaches, [hours90, hours100]) {
                #expect((reach == nil) == (wanted == nil))
                guard let reach, let wanted else { continue }
                for time in [reach.earliest, reach.expected, reach.latest] {
                    let hours = try #require(time).duration(since: now) / .seconds(3600)
                    #expect(abs(hours - wanted) < 0.1)
                }
            }
        }
        try check(.moderate, [62, 80, 98, 100], hours90: 460, hours100: 560)
        try check(.conservative, [53, 62, 71, 80], hours90: nil, hours100: nil)
        try check(.aggressive, [71, 98, 100, 100], hours90: 46 / 0.15, hours100: 56 / 0.15)
    }

    @Test func noiseWidensTheIntervalAndTheRange() async throws {
        var random = SeededRandom(seed: 9)
        let (forecast, now) = try await forecast(hours: 480, days: 60) {
            30 + 0.05 * (Double($0) + 0.5) + Double.random(in: -3...3, using: &random)
        }
        let line = try #require(forecast.line)
        #expect(line.isDistinguishable)
        #expect(abs(line.slopePerHour - 0.05) < 3 * line.standardError)
        // Points are means of two hours.
        #expect(abs(line.deviation - 6 / 24.0.squareRoot()) < 0.2)
        #expect(line.points == 240)
        let outcome = try #require(forecast.outcome(.moderate))
        let first = try #require(outcome.points.first)
        // 15 days from 54 %.
        #expect(first.low < 72 && 72 < first.high)
        let unbounded = outcome.points.filter { $0.high < 100 }.map { $0.high - $0.low }
        #expect(zip(unbounded, unbounded.dropFirst()).allSatisfy { $0 < $1 })
        let reach = try #require(outcome.reaches[0].reach)
        let expected = try #require(reach.expected)
        #expect(reach.earliest < expected)
        #expect(reach.latest.map { $0 > expected } ?? true)
        // 36 points from now at 1.2 a day.
        #expect(abs(expected.duration(since: now) / .seconds(86_400) - 30) < 3)
    }

    @Test func aConstantStaysWhereItIs() async throws {
        let (forecast, now) = try await forecast(hours: 48) { _ in 92.5 }
        #expect(forecast.line?.isDistinguishable == false)
        for scenario in CapacityForecast.Scenario.allCases {
            let outcome = try #require(forecast.outcome(scenario))
            #expect(outcome.growthPerDay == 0)
            #expect(outcome.points.allSatisfy { $0.expected == 92.5 && $0.low == 92.5 && $0.high == 92.5 })
            #expect(outcome.reaches[0].reach == .init(earliest: now, expected: now, latest: now))
            #expect(outcome.reaches[1].reach == nil)
        }
    }

    @Test func aDecreaseIsTheSameInEveryScenario() async throws {
        let (forecast, _) = try await forecast(hours: 100) { 80 - 0.1 * (Double($0) + 0.5) }
        for scenario in CapacityForecast.Scenario.allCases {
            let outcome = try #require(forecast.outcome(scenario))
            #expect(abs(outcome.growthPerDay + 2.4) < 1e-3)
            #expect(outcome.reaches.allSatisfy { $0.reach == nil })
            #expect(outcome.points.last?.expected == 0)
        }
    }

    @Test func aStepAndWildHoursAreNoGrowth() async throws {
        let (forecast, _) = try await forecast(hours: 300) { $0 % 7 == 3 ? 99 : 40 }
        let line = try #require(forecast.line)
        #expect(line.slopePerHour == 0)
        #expect(forecast.outcome(.moderate)?.points.first?.expected == 40)
        // The error says that there was something.
        #expect(line.deviation > 10)
    }

    @Test func aGapDoesNotShortenTheTime() async throws {
        let (forecast, _) = try await forecast(hours: 240) { hour in
            (40..<200).contains(hour) ? nil : 20 + 0.1 * (Double(hour) + 0.5)
        }
        #expect(forecast.hours == 80)
        #expect(forecast.dataHours == 240)
        #expect(abs(try #require(forecast.line).slopePerHour - 0.1) < 1e-5)
    }

    @Test func tooLittleDataSaysWhatIsMissing() async throws {
        let (forecast, _) = try await forecast(hours: 23) { _ in 50 }
        #expect(forecast.line == nil)
        #expect(forecast.outcome(.moderate) == nil)
        let (enough, _) = try await self.forecast(hours: 24) { _ in 50 }
        #expect(enough.line != nil)
        #expect(enough.confidence == .low)
        let (none, _) = try await self.forecast(hours: 30) { _ in nil }
        #expect(none.hours == 0)
        #expect(none.line == nil)
    }

    @Test func confidenceIsByRule() async throws {
        for (hours, days, wanted) in [
            (14 * 24, 14, CapacityForecast.Confidence.high), (14 * 24, 15, .medium), (13 * 24, 7, .medium),
            (72, 30, .medium), (72, 31, .low), (71, 7, .low),
        ] {
            let (forecast, _) = try await forecast(hours: hours, days: days) { _ in 50 }
            #expect(forecast.confidence == wanted, "\(hours) h, \(days) days")
        }
    }
}
