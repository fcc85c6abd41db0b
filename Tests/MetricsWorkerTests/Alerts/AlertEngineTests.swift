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

    @Test func otherRulesAreUsedFromNowOn() {
        let now = Timestamp(microseconds: 5)
        var engine = Self.engine()
        let raised = engine.observe(Self.sample(["/a": 86]), at: .seconds(1))
        #expect(engine.use([Self.rule], at: .seconds(2), now) == [], "nothing has changed")
        #expect(engine.observe(Self.sample(["/a": 86]), at: .seconds(3)) == [])

        var lower = Self.rule
        lower.levels = [.init(.medium, enter: 70, leave: 65), .init(.critical, enter: 95, leave: 90)]
        #expect(engine.use([lower], at: .seconds(4), now) == [])
        let told = engine.observe(Self.sample(["/a": 86, "/b": 72]), at: .seconds(5))
        #expect(told.map(\.change) == [.updated, .raised])
        #expect(told.map(\.threshold) == [70, 70])
        #expect(told[0].alertID == raised[0].alertID)
        #expect(engine.observe(Self.sample(["/a": 86, "/b": 72]), at: .seconds(6)) == [])

        #expect(engine.use([Self.rule], at: .seconds(7), now) == [])
        let judged = engine.observe(Self.sample(["/a": 86, "/b": 72]), at: .seconds(8))
        #expect(judged.map(\.change) == [.updated, .resolved], "72 is no alert any more")

        let over = engine.use([], at: .seconds(9), now)
        #expect(over.map(\.change) == [.resolved])
        #expect(over.map(\.at) == [now])
        #expect(over[0].message == "The rule disk_full is not in effect any more")
        #expect(engine.firing == [])
        #expect(engine.observe(Self.sample(["/a": 99]), at: .seconds(10)) == [])
    }

    @Test func aValueBetweenTheThresholdsIsSaidToBeThere() {
        var engine = Self.engine()
        _ = engine.observe(Self.sample(["/a": 86]), at: .seconds(1))
        var higher = Self.rule
        higher.keepFiring = .seconds(60)
        higher.levels = [.init(.medium, enter: 90, leave: 84)]
        _ = engine.use([higher], at: .seconds(2), Timestamp(microseconds: 5))
        let told = engine.observe(Self.sample(["/a": 86]), at: .seconds(3))
        #expect(told.map(\.message) == ["disk_percent of /a is 86.0, still above 84.0"])
        higher.levels = [.init(.medium, enter: 91, leave: 88)]
        _ = engine.use([higher], at: .seconds(4), Timestamp(microseconds: 5))
        let below = engine.observe(Self.sample(["/a": 86]), at: .seconds(5))
        #expect(below.map(\.message) == ["disk_percent of /a is 86.0, below 88.0 not for long enough"])
        #expect(engine.observe(Self.sample(["/a": 86]), at: .seconds(65)).map(\.change) == [.resolved])
    }

    /// The fleet's rules come after the start: until then an alert of one of them is neither over nor raised again.
    @Test func analertOfARuleThatIsNotKnownYetGoesOn() {
        var first = Self.engine()
        let raised = first.observe(Self.sample(["/a": 86]), at: .seconds(1))
        var second = Self.engine([], firing: first.firing)
        #expect(second.firing == raised)
        #expect(second.observe(Self.sample(["/a": 86]), at: .seconds(1)) == [])
        #expect(second.use([Self.rule], at: .seconds(2), Timestamp(microseconds: 5)) == [])
        #expect(second.observe(Self.sample(["/a": 86]), at: .seconds(3)) == [])
        #expect(second.observe(Self.sample(["/a": 10]), at: .seconds(4)).map(\.alertID) == raised.map(\.alertID))
        var third = Self.engine([], firing: first.firing)
        #expect(third.use([], at: .seconds(2), Timestamp(microseconds: 5)).map(\.change) == [.resolved])
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
