import Contracts
import Runtime
import Testing

@testable import flotilla

@Suite struct FleetTableTests {
    private let now = Timestamp(microseconds: 1_795_230_000_000_000)

    private func host(
        _ name: String, _ state: String, cpu: String = "20", heard seconds: Int = 0, alerts: Int = 0
    ) -> String {
        let heardAt = now.advanced(by: .seconds(-seconds)).rfc3339
        return """
            {"host":"\(name)","state":"\(state)","heard_at":"\(heardAt)","interval":1,"uptime_seconds":90000,\
            "cpu_percent":\(cpu),"load1":0.5,"memory_percent":50,"memory_used_mb":1024,"firing_alerts":\(alerts)}
            """
    }

    private func table(_ hosts: [String], total: Int? = nil, counts: String) throws -> FleetTable {
        let answer = """
            {"hosts":[\(hosts.joined(separator: ","))],"total":\(total ?? hosts.count),"counts":{\(counts)}}
            """
        return try FleetTable(JSONDocument(parsing: Array(answer.utf8)).root)
    }

    @Test func showsTheHostsInTheirOrder() throws {
        let fleet = try table(
            [host("b", "up"), host("a", "stale", cpu: "null", heard: 7), host("c", "down", heard: 90, alerts: 2)],
            counts: "\"up\":1,\"stale\":1,\"down\":1")
        let lines = fleet.lines(now: now, style: TextStyle(isEnabled: false))
        #expect(lines.count == 5)
        #expect(lines[0] == "3 hosts · 1 up · 1 stale · 1 down · 2 alerts")
        #expect(lines[1].hasPrefix("HOST  STATE"))
        #expect(lines[2].hasPrefix("b     up") && lines[2].contains("20.0%") && lines[2].contains("1.0 GiB"))
        #expect(lines[2].hasSuffix("1d 1h         now"))
        #expect(lines[3].hasPrefix("a     stale") && lines[3].hasSuffix("7s ago") && lines[3].contains("–"))
        #expect(lines[4].hasPrefix("c     down") && lines[4].hasSuffix("1m 30s ago"))
    }

    @Test func whatDoesNotFitIsCounted() throws {
        let fleet = try table(
            [host("a", "up"), host("b", "up")], total: 1000, counts: "\"up\":1000,\"stale\":0,\"down\":0")
        let style = TextStyle(isEnabled: false)
        #expect(fleet.lines(now: now, style: style, atMost: 1).last == "… and 999 more")
        #expect(fleet.lines(now: now, style: style).last == "… and 998 more")
        #expect(fleet.lines(now: now, style: style)[0] == "1000 hosts · 1000 up")
    }

    @Test func aHostOfTheFutureHasNoNegativeAge() throws {
        let fleet = try table([host("a", "up", heard: -3600)], counts: "\"up\":1,\"stale\":0,\"down\":0")
        #expect(fleet.lines(now: now, style: TextStyle(isEnabled: false))[2].hasSuffix("now"))
    }

    @Test func anAnswerOfAnotherKindIsRefused() throws {
        let root = try JSONDocument(parsing: Array("{\"hosts\":[{}],\"total\":1}".utf8)).root
        #expect(throws: MessageError.self) { try FleetTable(root) }
    }
}
