import Testing

@testable import MetricsWorker

@Suite struct SamplingScheduleTests {
    @Test func doesNotDriftWhenSamplesTakeTime() {
        var schedule = SamplingSchedule(start: .seconds(100), interval: .seconds(1))
        #expect(schedule.deadline == .seconds(100))
        for count in 1...1000 {
            // Each sample ends 300 ms after it was due.
            #expect(schedule.advance(now: schedule.deadline + .milliseconds(300)) == 0)
            #expect(schedule.deadline == .seconds(100 + count))
        }
    }

    @Test func skipsWhatWasMissed() {
        var schedule = SamplingSchedule(start: .seconds(100), interval: .seconds(1))
        #expect(schedule.advance(now: .seconds(105) + .milliseconds(500)) == 5)
        #expect(schedule.deadline == .seconds(106))
        #expect(schedule.advance(now: .seconds(106)) == 0)
        #expect(schedule.deadline == .seconds(107))
    }

    @Test func keepsADeadlineThatIsNow() {
        var schedule = SamplingSchedule(start: .seconds(100), interval: .milliseconds(250))
        #expect(schedule.advance(now: .milliseconds(100_250)) == 0)
        #expect(schedule.deadline == .milliseconds(100_250))
        #expect(schedule.advance(now: .milliseconds(101_000)) == 2)
        #expect(schedule.deadline == .milliseconds(101_000))
    }
}
