import Testing

@testable import Ingress

@Suite struct TrendLineTests {
    private static func points(_ count: Int, _ value: (Int) -> Double) -> [SeriesPoint] {
        (0..<count).map { SeriesPoint(hours: Double($0) / 4, value: value($0)) }
    }

    @Test(arguments: [TrendLine.Method.leastSquares, .theilSen])
    func aLineIsFoundExactly(method: TrendLine.Method) throws {
        let line = try #require(TrendLine(Self.points(200) { 5 - 0.25 * Double($0) / 4 }, method))
        #expect(abs(line.slopePerHour + 0.25) < 1e-12)
        #expect(abs(line.intercept - 5) < 1e-12)
        #expect(line.standardError < 1e-12)
        #expect(line.isDistinguishable)
        #expect(abs(line.value(at: 100) + 20) < 1e-10)
        #expect(line.halfInterval(at: 1000) < 1e-9)
        #expect(line.points == 200)
    }

    @Test(arguments: [TrendLine.Method.leastSquares, .theilSen])
    func aConstantHasNoTrend(method: TrendLine.Method) throws {
        let line = try #require(TrendLine(Self.points(50) { _ in 42.37 }, method))
        #expect(abs(line.slopePerHour) < 1e-12)
        #expect(!line.isDistinguishable)
    }

    @Test func leastSquaresAreThoseOfTheTextbook() throws {
        // Anscombe's first set: slope 0.5001, intercept 3.0001, residual standard error 1.237, of the slope 0.1179.
        let x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5] as [Double]
        let y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]
        let points = zip(x, y).map { SeriesPoint(hours: $0, value: $1) }.sorted { $0.hours < $1.hours }
        let line = try #require(TrendLine(points, .leastSquares))
        #expect(abs(line.slopePerHour - 0.5001) < 5e-5)
        #expect(abs(line.intercept - 3.0001) < 5e-5)
        #expect(abs(line.deviation - 1.2366) < 5e-5)
        // The residuals alternate, so nothing is widened.
        #expect(abs(line.standardError - 0.1179) < 5e-5)
        #expect(line.isDistinguishable)
    }

    @Test(arguments: [TrendLine.Method.leastSquares, .theilSen])
    func noiseIsNoTrendAndItsDeviationIsFound(method: TrendLine.Method) throws {
        var random = SeededRandom(seed: 31)
        var found = 0
        for _ in 0..<40 {
            let points = Self.points(300) { _ in 50 + Double.random(in: -6...6, using: &random) }
            let line = try #require(TrendLine(points, method))
            if line.isDistinguishable { found += 1 }
            // Of a uniform distribution: its width / √12.
            #expect(abs(line.deviation - 12 / 12.0.squareRoot()) < 0.4)
        }
        // Two standard errors leave 1 in 22.
        #expect(found <= 5)
    }

    @Test func valuesThatFollowEachOtherSayLess() throws {
        var random = SeededRandom(seed: 7)
        var widened = 0
        for _ in 0..<40 {
            var value = 0.0
            let points = Self.points(300) { _ in
                value = 0.9 * value + Double.random(in: -1...1, using: &random)
                return value
            }
            let line = try #require(TrendLine(points, .leastSquares))
            if line.isDistinguishable { widened += 1 }
        }
        // Without the widening it would be most of them.
        #expect(widened <= 8)
    }

    @Test func wildValuesDoNotBendTheillAndSensLine() throws {
        let points = Self.points(200) { $0 % 5 == 0 ? 1000 : 20 + Double($0) / 4 }
        let line = try #require(TrendLine(points, .theilSen))
        #expect(abs(line.slopePerHour - 1) < 0.2)
        #expect(abs(line.value(at: 50) - 70) < 10)
    }

    @Test func theIntervalGrowsWithTheDistance() throws {
        var random = SeededRandom(seed: 1)
        let points = Self.points(100) { Double($0) + Double.random(in: -1...1, using: &random) }
        let line = try #require(TrendLine(points, .theilSen))
        let halves = [25, 100, 400, 1600].map { line.halfInterval(at: $0) }
        #expect(zip(halves, halves.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func tooFewPointsMakeNoLine() {
        #expect(TrendLine([], .leastSquares) == nil)
        #expect(TrendLine(Self.points(9) { Double($0) }, .theilSen) == nil)
        #expect(TrendLine(Array(repeating: SeriesPoint(hours: 1, value: 2), count: 20), .leastSquares) == nil)
    }

    @Test func quantilesAreByNearestRank() {
        let values = (1...20).map(Double.init)
        #expect(values.quantile(0.5) == 10)
        #expect(values.quantile(0.95) == 19)
        #expect(values.quantile(0.99) == 20)
        #expect([7.0].quantile(0.5) == 7)
        #expect([Double]().quantile(0.5) == nil)
        #expect([3.0, 1, 2].median() == 2)
        #expect([4.0, 1, 2, 3].median() == 2.5)
    }
}
