import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct MetricsRangeTests {
    private struct Measured {
        let at: Timestamp
        let cpu: Double
        /// Not known in every sample.
        let swap: Double?
    }

    private static func sample(_ measured: Measured) -> HostSample {
        var sample = HostSample.example(at: measured.at, cpu: measured.cpu)
        sample.memory.swapUsedPercent = measured.swap
        return sample
    }

    /// Holds a range against the samples themselves.
    private static func check(
        _ range: MetricsRange, _ measured: [Measured], _ value: (Measured) -> Double?, column: Int
    ) {
        var values: [Int64: [(at: Timestamp, value: Double)]] = [:]
        for measured in measured {
            guard let value = value(measured) else { continue }
            let bucket = measured.at.microseconds / 1_000_000 / range.step - range.first
            values[bucket, default: []].append((measured.at, Double(Float(value))))
        }
        #expect(range.series[column].count == range.count)
        // The first one may begin before what is kept.
        for (bucket, sums) in range.series[column].enumerated().dropFirst() {
            let wanted = values[Int64(bucket), default: []].sorted { $0.at < $1.at }
            let isEqual =
                sums.count == wanted.count
                && (wanted.isEmpty
                    || (abs(sums.sum - wanted.map(\.value).reduce(0, +)) < 1e-6
                        && Double(sums.minimum) == wanted.map(\.value).min()
                        && Double(sums.maximum) == wanted.map(\.value).max()
                        && Double(sums.last) == wanted.last?.value && sums.lastAt == wanted.last?.at.microseconds))
            #expect(isEqual, "bucket \(bucket) of \(range.count), step \(range.step)")
            if !isEqual { return }
        }
    }

    @Test func everyTierHasLeastMostMeanAndLast() async throws {
        let history = try await TestHistory()
        var random = SeededRandom(seed: 17)
        var measured: [Measured] = []
        let begin = history.time.now
        for hour in 0..<(9 * 24) {
            // Some hours the host was away.
            if hour % 50 != 49 {
                var batch = (0..<120).map { step in
                    Measured(
                        at: begin.advanced(by: .seconds(hour * 3600 + step * 30) + .milliseconds(137)),
                        cpu: Double.random(in: 0...100, using: &random),
                        swap: Bool.random(using: &random) ? Double.random(in: 0...100, using: &random) : nil)
                }
                measured += batch
                batch.shuffle(using: &random)
                // In several batches, out of order, and the beginning of each twice.
                for part in stride(from: 0, to: batch.count, by: 50) {
                    let samples = batch[part..<min(part + 50, batch.count)].map(Self.sample)
                    try await history.apply(samples)
                    try await history.apply(Array(samples[..<10]))
                }
            }
            history.time.advance(by: .seconds(3600))
            try await history.prune()
        }
        let cases: [(hours: Double, step: Int64?, tier: HostTier, wantedStep: Int64)] = [
            (1, nil, .seconds, 12), (1, 7, .seconds, 7), (1, 60, .minutes, 60), (24, nil, .minutes, 300),
            (24, 600, .tenMinutes, 600), (168, nil, .tenMinutes, 2400), (168, 90, .minutes, 120),
            (168, 3600, .hours, 3600), (9 * 24, nil, .hours, 3600), (9 * 24, 60, .hours, 3600),
            (9 * 24, 86_400, .hours, 86_400),
        ]
        for (hours, step, tier, wantedStep) in cases {
            let range = try await history.range(hours: hours, step: step, ["swap_percent", "cpu_percent"])
            #expect(range.tier == tier, "\(hours) h by \(step ?? 0)")
            #expect(range.step == wantedStep, "\(hours) h by \(step ?? 0)")
            Self.check(range, measured, \.swap, column: 0)
            Self.check(range, measured, \.cpu, column: 1)
            #expect(range.times.allSatisfy { $0 % range.step == 0 })
            #expect(range.times.last.map { $0 + range.step >= history.time.now.microseconds / 1_000_000 } == true)
        }
        try await history.close()
    }

    @Test func aHostThatIsNewIsAnsweredFromItsSeconds() async throws {
        let history = try await TestHistory()
        let begin = history.time.now.advanced(by: .seconds(-100))
        try await history.apply((0..<100).map { .example(at: begin.advanced(by: .seconds($0)), cpu: Double($0)) })
        // A day is asked for by steps of a second and more: all that there is is in the seconds.
        let range = try await history.range(hours: 3, step: 7, ["cpu_percent"])
        #expect(range.tier == .seconds)
        #expect(range.series[0].map(\.count).reduce(0, +) == 100)
        let nothing = try await history.range(hours: 3, step: 7, ["cpu_percent"], host: "beta")
        #expect(nothing.series[0].allSatisfy { $0.count == 0 })
        try await history.close()
    }

    @Test func aHostThatReportsSeldomIsAnsweredFromItsSeconds() async throws {
        let history = try await TestHistory()
        for _ in 0..<3 {
            let begin = history.time.now
            // None of them is just an hour ago.
            try await history.apply((0..<180).map { .example(at: begin.advanced(by: .seconds(20 * $0 + 11))) })
            history.time.advance(by: .seconds(3600))
            try await history.prune()
        }
        let range = try await history.range(hours: 1, ["cpu_percent"])
        #expect(range.tier == .seconds)
        #expect(range.series[0].map(\.count).reduce(0, +) == 180)
        #expect(try await history.range(hours: 2, ["cpu_percent"]).tier == .minutes)
        try await history.close()
    }

    @Test func aRebuildGivesTheSame() async throws {
        let first = try await TestHistory()
        var random = SeededRandom(seed: 23)
        let begin = first.time.now.advanced(by: .seconds(-3000))
        let samples = (0..<1500).map {
            HostSample.example(
                at: begin.advanced(by: .seconds(2 * $0)), cpu: Double(Int.random(in: 0...100, using: &random)))
        }
        for part in stride(from: 0, to: samples.count, by: 37) {
            try await first.apply(Array(samples[part..<min(part + 37, samples.count)]))
        }
        let time = first.time
        let second = try await TestHistory(time)
        for part in stride(from: 0, to: samples.count, by: 400) {
            try await second.apply(Array(samples[part..<min(part + 400, samples.count)]))
        }
        for step: Int64 in [5, 60, 600] {
            let ranges = [try await first.range(hours: 1, step: step), try await second.range(hours: 1, step: step)]
            #expect(ranges[0].json(MetricStatistic.allCases) == ranges[1].json(MetricStatistic.allCases))
        }
        try await first.close()
        // A restart, too.
        let again = try await TestHistory(time, in: first.folder)
        try await again.apply(Array(samples.suffix(100)))
        let ranges = [try await again.range(hours: 1, step: 60), try await second.range(hours: 1, step: 60)]
        #expect(ranges[0].json(MetricStatistic.allCases) == ranges[1].json(MetricStatistic.allCases))
        try await again.close()
        try await second.close()
    }

    @Test func aClockThatIsSetBackAddsToWhatIsThere() async throws {
        let history = try await TestHistory()
        let begin = history.time.now.advanced(by: .seconds(-600))
        let before = (0..<300).map { HostSample.example(at: begin.advanced(by: .seconds($0)), cpu: 10) }
        try await history.apply(before)
        // Four minutes back and on from there, half a second beside the old ones.
        let after = (60..<300).map {
            HostSample.example(at: begin.advanced(by: .seconds($0) + .milliseconds(500)), cpu: 30)
        }
        try await history.apply(after)
        let range = try await history.range(hours: 1, step: 60, ["cpu_percent"])
        #expect(range.series[0].map(\.count).reduce(0, +) == 540)
        #expect(range.series[0].filter { $0.count > 0 }.allSatisfy { $0.minimum == 10 || $0.minimum == 30 })
        let sum = range.series[0].map(\.sum).reduce(0, +)
        #expect(abs(sum - 10_200) < 1e-6)
        #expect(range.series[0].last { $0.count > 0 }?.last == 30)
        try await history.close()
    }

    @Test func theTiersAreKeptAsLongAsIsSaid() async throws {
        var limits = HostHistoryLimits.standard
        limits.minutes = 1440
        limits.hours = 48
        let history = try await TestHistory(keeping: limits)
        for _ in 0..<72 {
            let begin = history.time.now
            try await history.apply((0..<60).map { .example(at: begin.advanced(by: .seconds(60 * $0)), cpu: 30) })
            history.time.advance(by: .seconds(3600))
            try await history.prune()
        }
        #expect((1440...1441).contains(try await history.count("count(*)", of: "host_minutes")))
        #expect((144...145).contains(try await history.count("count(*)", of: "host_ten_minutes")))
        #expect(try await history.count("count(*)", of: "host_hours") == 25)
        // What is asked for beyond the minutes comes from what is there.
        for (hours, records) in [(24, 720...722), (25, 26...26), (48, 49...49)] as [(Int, ClosedRange<Int>)] {
            let stats = try await history.stats(hours: hours)
            #expect(records.contains(stats.count), "\(hours) h: \(stats.count)")
            #expect(stats.allSatisfy { abs($0.cpuPercent - 30) < 1e-9 })
        }
        #expect(try await history.range(hours: 24, step: 60, ["cpu_percent"]).tier == .minutes)
        #expect(try await history.range(hours: 40, step: 60, ["cpu_percent"]).tier == .hours)
        try await history.close()
    }

    @Test func theSecondsAreKeptAsLongAsIsSaid() async throws {
        let history = try await TestHistory()
        history.projection.keepSeconds(for: .seconds(3 * 3600))
        for _ in 0..<4 {
            let begin = history.time.now
            try await history.apply((0..<60).map { .example(at: begin.advanced(by: .seconds(60 * $0))) })
            history.time.advance(by: .seconds(3600))
            try await history.prune()
        }
        #expect(try await history.count("count(*)", of: "host_seconds") == 180)
        #expect(try await history.range(hours: 3, step: 7, ["cpu_percent"]).tier == .seconds)
        #expect(try await history.range(hours: 4, step: 7, ["cpu_percent"]).tier == .minutes)
        history.projection.keepSeconds(for: .seconds(1))
        try await history.prune()
        #expect(try await history.count("count(*)", of: "host_seconds") == 60)
        #expect(try await history.range(hours: 3, step: 7, ["cpu_percent"]).tier == .minutes)
        #expect(try await history.count("sum(samples)", of: "host_minutes") == 240)
        history.projection.keepSeconds(for: .seconds(1_000_000))
        #expect(history.projection.limits.seconds == 168 * 3600)
        try await history.close()
    }
}
