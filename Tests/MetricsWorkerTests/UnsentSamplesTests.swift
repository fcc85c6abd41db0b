import Testing

@testable import MetricsWorker

@Suite struct UnsentSamplesTests {
    @Test func keepsTheOrderUntilTheSamplesAreSent() {
        var unsent = UnsentSamples<Int>(limit: 3)
        #expect(unsent.take().isEmpty)
        #expect(unsent.add(1) == 0)
        #expect(unsent.add(2) == 0)
        #expect(unsent.take() == [1, 2])
        #expect(unsent.add(3) == 0)
        #expect(unsent.finish() == 2)
        #expect(unsent.take() == [3])
        unsent.keep()
        #expect(unsent.take() == [3])
    }

    @Test func dropsTheOldestAtTheBound() {
        var unsent = UnsentSamples<Int>(limit: 3)
        for sample in 1...3 { #expect(unsent.add(sample) == 0) }
        #expect(unsent.add(4) == 1)
        #expect(unsent.take() == [2, 3, 4])
    }

    @Test func forgetsOnlyWhatWasTakenWhenSomeOfItWasDroppedMeanwhile() {
        var unsent = UnsentSamples<Int>(limit: 3)
        for sample in 1...3 { #expect(unsent.add(sample) == 0) }
        #expect(unsent.take() == [1, 2, 3])
        for sample in 4...5 { #expect(unsent.add(sample) == 1) }
        #expect(unsent.finish() == 1)
        #expect(unsent.take() == [4, 5])
    }
}
