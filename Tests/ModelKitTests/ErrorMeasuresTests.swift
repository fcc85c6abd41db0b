import Glibc
import Testing

@testable import ModelKit

@Suite struct ErrorMeasuresTests {
    @Test func measuresAKnownError() throws {
        let measures = ErrorMeasures(weights: [3, 4], approximations: [3, 3.5])
        #expect(measures.count == 2)
        #expect(measures.maximumError == 0.5)
        // 10·log10(25 / 0.25) = 20 dB.
        #expect(abs(try #require(measures.signalToNoise) - 20) < 1e-12)
        let cosine = 23 / (5 * (3.0 * 3 + 3.5 * 3.5).squareRoot())
        #expect(abs(try #require(measures.cosine) - cosine) < 1e-12)
    }

    @Test func knowsAnExactApproximation() throws {
        let measures = ErrorMeasures(weights: [1, -2, 3], approximations: [1, -2, 3])
        #expect(measures.signalToNoise == .infinity)
        #expect(try #require(measures.cosine) > 1 - 1e-12)
        #expect(measures.maximumError == 0)
    }

    @Test func saysNothingAboutNothing() {
        #expect(ErrorMeasures().signalToNoise == nil)
        #expect(ErrorMeasures().cosine == nil)
        #expect(ErrorMeasures(weights: [0, 0], approximations: [1, 0]).signalToNoise == nil)
        #expect(ErrorMeasures(weights: [1, 0], approximations: [0, 0]).cosine == nil)
    }

    @Test func countsWhatIsNotFinite() {
        let measures = ErrorMeasures(weights: [1, 70000, .nan], approximations: [1, .infinity, 0])
        #expect(measures.nonFiniteCount == 2)
        #expect(measures.signalToNoise == nil)
        #expect(measures.cosine == nil)
        #expect(measures.maximumError == 0)
    }

    @Test func addsTensorByTensor() {
        var sum = ErrorMeasures(weights: [3], approximations: [3])
        sum.add(ErrorMeasures(weights: [4], approximations: [3.5]))
        #expect(sum == ErrorMeasures(weights: [3, 4], approximations: [3, 3.5]))
    }

    @Test func agreesWithTheKnownFiguresOnNearlyGaussianWeights() throws {
        // The sum of 12 uniform values less 6 is nearly normal. Field notes: fp16 73.7 dB, bf16 55.6 dB.
        var state: UInt64 = 42
        func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) * 0x1p-53
        }
        let weights = (0..<100_000).map { _ in Float(((0..<12).reduce(0.0) { sum, _ in sum + uniform() } - 6) * 0.02) }
        let half = ErrorMeasures(
            weights: weights, approximations: weights.map { HalfPrecision.value(of: HalfPrecision.bits(of: $0)) })
        let brain = ErrorMeasures(
            weights: weights, approximations: weights.map { BrainFloat.value(of: BrainFloat.bits(of: $0)) })
        #expect(abs(try #require(half.signalToNoise) - 73.7) < 0.5)
        #expect(abs(try #require(brain.signalToNoise) - 55.6) < 0.5)
    }
}
