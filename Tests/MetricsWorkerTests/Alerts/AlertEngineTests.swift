import Contracts
import Runtime
import Synchronization
import Testing

@testable import MetricsWorker

@Suite struct AlertEngineTests {
    private static let rule = AlertRule(
        "disk_full", "Full", .disk, hold: .zero, keepFiring: .zero,
        levels: [.init(.medium, enter: 85, leave: 80), .init(.critical, enter: 95, leave: 90)])

    private static func sample(_ disks: [String: Double?]) -> HostSample {
        HostSample(
            host: "alpha", timestamp: Timestamp(microseconds: 1_000_000), interval: 1,
            fileSystems: disks.sorted { $0.key < $1.key }.map {
                FileSystemSample(mountPoint: $0.key, usedPercent: $0.value)
            })
    }

    private static func engine(_ rules: [AlertRule] = [rule], firing: [AlertChange] = []) -> AlertEngine {
        let next = Mutex(0)
        return AlertEngine(rules: rules, firing: firing, now: .zero) {
            next.withLock {
                $0 += 1
                return "a\($0)"
            }
        }
    }

    @Test func eachSubjectHasAlertsOfItsOwn() {
        var engine = Self.engine()
        let raised = engine.observe(Self.sample(["/": 50, "/a": 86, "/b": 99]), at: .seconds(1))
        #expect(raised.map(\.subject) == ["/a", "/b"])
        #expect(raised.map(\.severity) == [.medium, .critical])
        #expect(raised.map(\.alertID) == ["a1", "a2"])
        #expect(raised.map(\.threshold) == [85, 95])
        #expect(raised[0].message == "disk_percent of /a is 86.0, at or above 85.0")
        let later = engine.observe(Self.sample(["/": 50, "/a": 96, "/b": 10]), at: .seconds(2))
        #expect(later.map(\.change) == [.updated, .resolved])
        #expect(later.map(\.revision) == [2, 2])
        #expect(later.map(\.alertID) == ["a1", "a2"])
        #expect(engine.firing.map(\.alertID) == ["a1"])
        let again = engine.observe(Self.sample(["/b": 99]), at: .seconds(3))
        #expect(again.map(\.alertID) == ["a3"], "another episode is another alert")
    }

    @Test func whatHasGoneIsNoDataAndThenOver() {
        var engine = Self.engine()
        _ = engine.observe(Self.sample(["/a": 86]), at: .seconds(1))
        #expect(engine.observe(Self.sample([:]), at: .seconds(2)) == [])
        let lost = engine.observe(Self.sample([:]), at: .seconds(40))
        #expect(lost.map(\.state) == [.noData])
        #expect(lost.map(\.value) == [86], "the last known")
        #expect(engine.observe(Self.sample([:]), at: .seconds(3700)).map(\.state) == [.resolved])
        #expect(engine.firing == [])
    }

    @Test func goesOnAfterARestart() {
        var first = Self.engine()
        let raised = first.observe(Self.sample(["/a": 86]), at: .seconds(100))
        // The boot clock begins anew with the host.
        var second = Self.engine(firing: first.firing)
        #expect(second.observe(Self.sample(["/a": 86]), at: .seconds(1)) == [], "it is not raised a second time")
        let over = second.observe(Self.sample(["/a": 10]), at: .seconds(2))
        #expect(over.map(\.alertID) == raised.map(\.alertID))
        #expect(over.map(\.revision) == [2])
        // Of a rule that there is no more.
        var third = Self.engine([], firing: first.firing)
        #expect(third.observe(Self.sample(["/a": 86]), at: .seconds(1)) == [])
    }

    @Test func standardRulesLeaveAQuietHostAlone() {
        var engine = Self.engine(AlertRule.standard)
        let quiet = HostSample(
            host: "alpha", timestamp: Timestamp(microseconds: 0), interval: 1, cpu: CPUSample(busyPercent: 50),
            memory: MemorySample(usedPercent: 50), fileSystems: [FileSystemSample(mountPoint: "/", usedPercent: 50)])
        for second in 0..<200 { #expect(engine.observe(quiet, at: .seconds(second)) == []) }
        for rule in AlertRule.standard {
            #expect(rule.levels.allSatisfy { $0.leave < $0.enter })
            #expect(zip(rule.levels, rule.levels.dropFirst()).allSatisfy { $0.enter < $1.enter && $0.leave < $1.leave })
        }
    }
}
