import Runtime
import Testing

@testable import Ingress

@Suite struct AuditTallyTests {
    private func entry(_ id: String, at seconds: Int64 = 0, count: Int = 1) -> AuditTally.Entry {
        AuditTally.Entry(
            since: Timestamp(microseconds: seconds * 1_000_000), name: "ada", requestID: "r-\(id)",
            trace: TraceContext(trace: (1, 2), span: 3), first: id, last: id,
            count: count)
    }

    private func key(_ who: String, peer: String = "127.0.0.1") -> AuditTally.Key {
        AuditTally.Key(event: "commands_sent", who: who, peer: peer)
    }

    @Test func oneThingIsNamed() {
        var tally = AuditTally()
        #expect(tally.add(key("7"), last: "a", count: 1) { entry("a") })
        let taken = tally.take()
        #expect(taken.map(\.entry.target) == ["a"])
        #expect(tally.take().isEmpty)
    }

    @Test func manyAreCountedWithTheirEnds() {
        var tally = AuditTally()
        #expect(tally.add(key("7"), last: "a", count: 1) { entry("a") })
        #expect(!tally.add(key("7"), last: "b", count: 1) { entry("b") })
        #expect(!tally.add(key("7"), last: "z", count: 1000) { entry("c", count: 1000) })
        let taken = tally.take()
        #expect(taken.map(\.entry.target) == ["1002 in 3 requests, a to z"])
        #expect(taken.first?.entry.requestID == "r-a")
        #expect(tally.add(key("7"), last: "d", count: 1) { entry("d") }, "a new count begins")
    }

    @Test func everybodyIsCountedAloneAndTheOldestComesFirst() {
        var tally = AuditTally()
        _ = tally.add(key("8"), last: "b", count: 1) { entry("b", at: 2) }
        _ = tally.add(key("7"), last: "a", count: 1) { entry("a", at: 1) }
        _ = tally.add(key("7", peer: "192.0.2.1"), last: "c", count: 1) { entry("c", at: 3) }
        #expect(tally.take().map(\.entry.target) == ["a", "b", "c"])
    }
}
