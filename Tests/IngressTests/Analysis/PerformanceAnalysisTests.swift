import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct PerformanceAnalysisTests {
    private static let minute: Duration = .seconds(60)

    /// A day of samples, one in the middle of each minute; nil is a minute without one.
    private func analysis(_ cpu: (Int) -> Double?) async throws -> PerformanceAnalysis {
        let history = try await TestHistory(Self.wholeHour)
        let begin = history.time.now.advanced(by: .seconds(-86_400))
        try await history.apply(
            (0..<1440).compactMap { minute in
                cpu(minute).map { .example(at: begin.advanced(by: .seconds(60 * minute + 30)), cpu: $0) }
            })
        let range = try await history.range(hours: 24, step: 60)
        try await history.close()
        return PerformanceAnalysis(range)
    }

    /// A clock at a whole hour.
    private static var wholeHour: ManualTime {
        let time = ManualTime()
        time.advance(by: .microseconds(3_600_000_000 - time.now.microseconds % 3_600_000_000))
        return time
    }

    private func figures(
        _ analysis: PerformanceAnalysis, _ name: String = "cpu_percent"
    ) throws -> PerformanceAnalysis.Figures {
        try #require(analysis.figures.first { $0.metric.name == name })
    }

    @Test func aLineIsSaidExactly() async throws {
        let analysis = try await analysis { 10 + 2 * (Double($0) + 0.5) / 60 }
        let cpu = try figures(analysis)
        func value(_ minute: Int) -> Double { 10 + 2 * (Double(minute) + 0.5) / 60 }
        let wanted = [
            (cpu.mean, 34), (cpu.p50, value(719)), (cpu.p95, value(1367)), (cpu.p99, value(1425)),
            (try #require(cpu.maximum).value, value(1439)), (try #require(cpu.trend).slopePerHour, 2),
            (try #require(cpu.nextHour).expected, 59), (try #require(cpu.nextHour).low, 59),
            (try #require(cpu.nextHour).high, 59),
        ]
        for (number, (found, wanted)) in wanted.enumerated() { #expect(abs(found - wanted) < 1e-4, "\(number)") }
        #expect(cpu.maximum?.at == analysis.start.advanced(by: .seconds(1439 * 60)))
        #expect(cpu.trend?.isDistinguishable == true)
        #expect(cpu.samples == 1440)
        #expect(cpu.minutes == 1440)
        #expect(cpu.aboveWarningPercent == 0)
        #expect(analysis.bottlenecks.isEmpty)
        #expect(analysis.notMeasured.contains("gpu_percent"))
        #expect(!analysis.notMeasured.contains("cpu_percent"))
    }

    @Test func aConstantGoesNowhere() async throws {
        let analysis = try await analysis { _ in 42.5 }
        let cpu = try figures(analysis)
        #expect([cpu.mean, cpu.p50, cpu.p95, cpu.p99, cpu.maximum?.value] == [42.5, 42.5, 42.5, 42.5, 42.5])
        #expect(cpu.trend?.slopePerHour == 0)
        #expect(cpu.trend?.isDistinguishable == false)
        #expect(cpu.nextHour == .init(expected: 42.5, low: 42.5, high: 42.5))
    }

    @Test func aStepIsABottleneckWithItsEvidence() async throws {
        let analysis = try await analysis { $0 < 720 ? 50 : 95 }
        let cpu = try figures(analysis)
        #expect(cpu.mean == 72.5)
        #expect(cpu.aboveWarningPercent == 50)
        // Of a step in the middle: 1.5 × its height ÷ the time.
        #expect(abs(try #require(cpu.trend).slopePerHour - 1.5 * 45 / 24) < 1e-4)
        let found = try #require(analysis.bottlenecks.first)
        #expect(analysis.bottlenecks.count == 1)
        #expect(found.isSevere)
        #expect(found.threshold == 90)
        #expect(found.sharePercent == 50)
        #expect(found.figures.p95 == 95)
        let root = try JSONDocument(parsing: analysis.json(includesPredictions: false)).root
        let bottleneck = try #require(root["bottlenecks"]?.elements.first { _ in true })
        #expect(
            bottleneck["evidence"]?.minified
                == Array(
                    #"{"value":95.0,"threshold":90.0,"share_percent":50.0,"window_hours":24.0,"samples":1440}"#.utf8))
        #expect(root["predictions"]?.isNull == true)
    }

    @Test func shortPeaksAreNoBottleneck() async throws {
        // 9 % of the time.
        let analysis = try await analysis { $0 % 100 < 9 ? 95 : 20 }
        #expect(analysis.bottlenecks.isEmpty)
        let share = try #require(try figures(analysis).aboveWarningPercent)
        #expect(share > 8.5 && share < 10)
        // Four minutes of a host that is new.
        let few = try await self.analysis { $0 < 1436 ? nil : 99 }
        #expect(try figures(few).aboveWarningPercent == 100)
        #expect(few.bottlenecks.isEmpty)
        #expect(try figures(few).trend == nil)
        #expect(try figures(few).nextHour == nil)
    }

    @Test func aLineInNoiseIsFoundWithinItsError() async throws {
        var random = SeededRandom(seed: 12)
        let analysis = try await analysis {
            20 + Double($0) / 60 + Double.random(in: -5...5, using: &random)
        }
        let cpu = try figures(analysis)
        let trend = try #require(cpu.trend)
        #expect(trend.isDistinguishable)
        #expect(abs(trend.slopePerHour - 1) < 3 * trend.standardError)
        #expect(abs(trend.deviation - 10 / 12.0.squareRoot()) < 0.2)
        let next = try #require(cpu.nextHour)
        #expect(next.low < 44.5 && 44.5 < next.high)
        #expect(abs(next.high - next.low - 2 * 1.96 * trend.deviation) < 0.2)
    }

    @Test func aGapIsNotMeasuredTime() async throws {
        let analysis = try await analysis { minute in
            (180..<1260).contains(minute) ? nil : 10 + 2 * (Double(minute) + 0.5) / 60
        }
        let cpu = try figures(analysis)
        #expect(cpu.minutes == 360)
        #expect(abs(try #require(cpu.trend).slopePerHour - 2) < 1e-4)
        #expect(abs(cpu.mean - 34) < 1e-4)
    }

    @Test func ofNothingNothingIsSaid() async throws {
        let analysis = try await analysis { _ in nil }
        #expect(analysis.figures.isEmpty)
        #expect(analysis.notMeasured == HostMetric.names)
        #expect(analysis.bottlenecks.isEmpty)
    }
}
