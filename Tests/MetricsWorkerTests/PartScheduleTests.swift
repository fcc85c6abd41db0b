import Contracts
import HostProbe
import Testing

@testable import MetricsWorker

@Suite struct PartScheduleTests {
    private static func plan(_ intervals: [MetricClass: Duration]) -> MonitoringPlan {
        var plan = MonitoringPlan(nil, interval: .seconds(1), host: nil)
        plan.intervals = intervals
        plan.interval = intervals.values.min() ?? .seconds(1)
        return plan
    }

    @Test func eachPartIsTakenAtItsInterval() {
        var schedule = PartSchedule(Self.plan([.cpu: .seconds(1), .disk: .seconds(3)]))
        #expect(schedule.watched == [.cpu, .disks])
        let taken = (0..<7).map { schedule.take(at: .seconds($0) + .milliseconds($0 % 2 == 0 ? 0 : 20)) }
        #expect(taken == [[.cpu, .disks], .cpu, .cpu, [.cpu, .disks], .cpu, .cpu, [.cpu, .disks]])
    }

    @Test func anotherPlanKeepsWhatWasTaken() {
        var first = PartSchedule(Self.plan([.cpu: .seconds(1), .disk: .seconds(60)]))
        _ = first.take(at: .seconds(10))
        var second = PartSchedule(Self.plan([.cpu: .seconds(5), .disk: .seconds(60), .gpu: .seconds(5)]), after: first)
        #expect(second.take(at: .seconds(15)) == [.cpu, .gpus])
        #expect(second.take(at: .seconds(70)) == [.cpu, .gpus, .disks])
    }

    @Test func whatIsNoMultipleIsTakenAtTheNearestSample() {
        var schedule = PartSchedule(Self.plan([.cpu: .seconds(2), .disk: .seconds(3)]))
        let taken = (0..<6).map { schedule.take(at: .seconds($0 * 2)).contains(.disks) }
        #expect(taken == [true, false, true, true, false, true], "every three seconds on average")
    }

    @Test func aScheduleBeginsAfterTheLastSample() {
        #expect(SamplingSchedule(after: nil, interval: .seconds(5), now: .seconds(3)).deadline == .seconds(3))
        #expect(SamplingSchedule(after: .seconds(2), interval: .seconds(5), now: .seconds(3)).deadline == .seconds(7))
        #expect(SamplingSchedule(after: .seconds(2), interval: .seconds(5), now: .seconds(90)).deadline == .seconds(90))
    }
}
