import Testing

@testable import HostProbe

/// TCP and sockets of every kind.
@Suite struct TCPTests {
    private func parse(_ text: String) -> TCPCounters? { withBytes(text) { TCPCounters(snmp: $0) } }

    private let snmp = """
        Ip: Forwarding DefaultTTL
        Ip: 1 64
        Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs \
        OutSegs RetransSegs InErrs OutRsts InCsumErrors
        Tcp: 1 200 120000 -1 382983 333339 49389 80853 12 134046765 134031717 28271 3 96053 0
        Udp: InDatagrams
        Udp: 5

        """

    @Test func readsTheFieldsByName() throws {
        let counters = try #require(parse(snmp))
        #expect(counters.established == 12)
        #expect(counters.activeOpens == 382_983)
        #expect(counters.passiveOpens == 333_339)
        #expect(counters.failedAttempts == 49_389)
        #expect(counters.resets == 80_853)
        #expect(counters.receivedSegments == 134_046_765)
        #expect(counters.sentSegments == 134_031_717)
        #expect(counters.retransmittedSegments == 28_271)
        #expect(counters.receiveErrors == 3)
    }

    @Test(arguments: ["", "Tcp: CurrEstab\n", "Tcp: CurrEstab\nUdp: 5\n", "Tcp: Other\nTcp: 5\n", "Udp: A\nUdp: 1\n"])
    func refusesWhatHasNoPairOfLines(text: String) {
        #expect(parse(text) == nil)
    }

    @Test func takesFewerValuesThanNamesAsUnknown() throws {
        let counters = try #require(parse("Tcp: CurrEstab OutSegs InSegs\nTcp: 5 x\n"))
        #expect(counters.established == 5)
        #expect(counters.sentSegments == nil)
        #expect(counters.receivedSegments == nil)
    }

    @Test func computesRates() throws {
        let old = try #require(parse("Tcp: ActiveOpens OutSegs RetransSegs EstabResets\nTcp: 10 1000 10 9\n"))
        let new = try #require(parse("Tcp: ActiveOpens OutSegs RetransSegs EstabResets\nTcp: 14 1150 60 8\n"))
        let rates = TCPRates.between(old, new, seconds: 2)
        #expect(rates.activeOpensPerSecond == 2)
        #expect(rates.sentSegmentsPerSecond == 75)
        #expect(rates.retransmittedSegmentsPerSecond == 25)
        #expect(rates.retransmittedPercent == 25)
        #expect(rates.resetsPerSecond == nil)
        #expect(rates.passiveOpensPerSecond == nil)
        #expect(TCPRates.between(old, old, seconds: 1).retransmittedPercent == nil)
    }

    @Test func countsSockets() throws {
        let text = "sockets: used 23\nTCP: inuse 1 orphan 4 tw 75 alloc 1 mem 300\nUDP: inuse 9 mem 0\n"
        let counts = try #require(withBytes(text) { SocketCounts(sockstat: $0) })
        #expect(counts.used == 23)
        #expect(counts.tcpInUse == 1)
        #expect(counts.tcpOrphaned == 4)
        #expect(counts.tcpTimeWait == 75)
        #expect(withBytes("UDP: inuse 9\n") { SocketCounts(sockstat: $0) } == nil)
    }

    @Test func countsOpenFiles() {
        let files = withBytes("439\t9\t9223372036854775807\n") { OpenFiles($0) }
        #expect(files == OpenFiles(allocated: 439, unused: 9, maximum: 9_223_372_036_854_775_807))
        #expect(files?.used == 430)
        #expect(withBytes("439 0") { OpenFiles($0) } == nil)
        #expect(withBytes("5 9 10") { OpenFiles($0) }?.used == 0)
    }
}
