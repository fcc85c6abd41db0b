import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct HostPresenceTests {
    private static let start = Timestamp(microseconds: 1_790_000_000_000_000)

    /// Hosts that are looked at once a second, with a boot clock of its own.
    private struct Fleet {
        var presence = HostPresence(downAfter: .seconds(60))
        var uptime = Duration.seconds(1000)
        var now = HostPresenceTests.start
        var lives: [String: HostLife] = [:]
        var said: [String: HostChange] = [:]

        mutating func hear(_ host: String, interval: Double = 1) {
            lives[host] = HostLife(heardAt: now, interval: interval)
        }

        /// Lets time pass and looks; answers what there was to say, as `host state`.
        mutating func pass(_ seconds: Int, hearing heard: [String] = []) -> [String] {
            var told: [String] = []
            for _ in 0..<seconds {
                uptime += .seconds(1)
                now = now.advanced(by: .seconds(1))
                for host in heard { hear(host, interval: lives[host]?.interval ?? 1) }
                for change in presence.changes(of: lives, said: said, now: now, uptime: uptime) {
                    said[change.host] = change
                    told.append("\(change.host) \(change.state.rawValue)")
                }
            }
            return told
        }
    }

    @Test func aNewHostIsUpThenStaleThenDownThenUp() {
        var fleet = Fleet()
        fleet.hear("a")
        #expect(fleet.pass(1) == [])
        #expect(fleet.pass(5, hearing: ["a"]) == ["a up"])
        #expect(fleet.said["a"]?.silentSeconds == nil)
        #expect(fleet.pass(9) == [])
        #expect(fleet.pass(1) == ["a stale"])
        #expect(fleet.pass(49) == [])
        #expect(fleet.pass(1) == ["a down"])
        #expect(fleet.said["a"]?.silentSeconds == 60)
        #expect(fleet.pass(100) == [])
        #expect(fleet.pass(1, hearing: ["a"]) == ["a up"])
        #expect(fleet.said["a"]?.silentSeconds == 161)
    }

    @Test func aHostThatReportsSeldomIsGivenItsTime() {
        var fleet = Fleet()
        fleet.hear("slow", interval: 30)
        #expect(fleet.pass(1) == [])
        fleet.hear("slow", interval: 30)
        #expect(fleet.pass(1) == ["slow up"])
        #expect(fleet.pass(89) == [])
        #expect(fleet.pass(1) == ["slow stale"])
        #expect(fleet.pass(209) == [])
        #expect(fleet.pass(1) == ["slow down"])
    }

    @Test func whatALogReplaysIsNoNews() {
        var fleet = Fleet()
        fleet.hear("gone")
        fleet.said["gone"] = HostChange(
            .down, host: "gone", heardAt: fleet.now, interval: 1, silentSeconds: 60, at: fleet.now)
        #expect(fleet.pass(100) == [])
        #expect(fleet.pass(1, hearing: ["gone"]) == ["gone up"])
    }

    @Test func aHostThatWasSilentFromTheBeginningIsDownAfterItsTime() {
        var fleet = Fleet()
        fleet.hear("silent")
        #expect(fleet.pass(70) == ["silent stale", "silent down"])
    }

    @Test func stepsOfTheWallClockChangeNothing() {
        var fleet = Fleet()
        fleet.hear("a")
        #expect(fleet.pass(3, hearing: ["a"]) == ["a up"])
        fleet.now = fleet.now.advanced(by: .seconds(7200))
        #expect(fleet.pass(3, hearing: ["a"]) == [])
        fleet.now = fleet.now.advanced(by: .seconds(-10_000))
        #expect(fleet.pass(3, hearing: ["a"]) == [])
    }

    @Test func afterADeafTimeEverybodyIsGivenTheTimeAgain() {
        var fleet = Fleet()
        fleet.hear("a")
        #expect(fleet.pass(3, hearing: ["a"]) == ["a up"])
        fleet.uptime += .seconds(600)
        fleet.presence.beginAnew()
        #expect(fleet.pass(9) == [])
        #expect(fleet.pass(20, hearing: ["a"]) == [])
    }

    @Test func anIntervalThatNobodyCanMeanIsBounded() {
        var fleet = Fleet()
        for (host, interval) in [("nan", -5.0), ("huge", 9e15)] { fleet.hear(host, interval: interval) }
        #expect(fleet.pass(61) == ["nan stale", "nan down"])
    }
}
