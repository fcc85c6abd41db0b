import Testing

@testable import HostProbe

@Suite struct NetworkProbeTests {
    private let buffer = ReadBuffer()

    private let head = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed

        """

    @Test func readsInterfacesAndLeavesLoopbackAndVirtualOnesOutOfTheTotals() throws {
        let root = try FixtureRoot()
        let lines = """
                lo:    3193      29    0    0    0     0          0         0     3193      29    0    0    0     0       0          0
              eth0:1000 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0
            docker0: 500 5 0 0 0 0 0 0 600 6 0 0 0 0 0 0
              wlan0: 7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0

            """
        try root.write("/proc/net/dev", head + lines)
        try root.makeFolder("/sys/class/net/eth0/device")
        try root.makeFolder("/sys/class/net/wlan0/device")
        try root.makeFolder("/sys/class/net/docker0/bridge")
        let network = try NetworkProbe(root: root.path).read(buffer)
        #expect(network.interfaces.map(\.name) == ["lo", "eth0", "docker0", "wlan0"])
        #expect(network.interfaces.map(\.kind) == [.loopback, .hardware, .virtual, .hardware])
        #expect(network.receivedBytes == 1007)
        #expect(network.sentBytes == 2008)
        #expect(network.receivedPackets == 11)
        #expect(network.sentPackets == 21)
        let eth0 = network.interfaces[1]
        #expect(eth0.receiveErrors == 1)
        #expect(eth0.receiveDrops == 2)
        #expect(eth0.sendErrors == 3)
        #expect(eth0.sendDrops == 4)
    }

    @Test func countsVirtualInterfacesWhereThereAreNoOthers() throws {
        let root = try FixtureRoot()
        try root.write(
            "/proc/net/dev", head + "lo: 9 9 0 0 0 0 0 0 9 9 0 0 0 0 0 0\neth0: 5 1 0 0 0 0 0 0 6 1 0 0 0 0 0 0\n")
        let network = try NetworkProbe(root: root.path).read(buffer)
        #expect(network.receivedBytes == 5)
        #expect(network.sentBytes == 6)
    }

    @Test func ignoresMalformedLines() throws {
        let root = try FixtureRoot()
        try root.write(
            "/proc/net/dev",
            head + "eth0 5 1\neth1: 5 1 0\n: 1 1 1 1 1 1 1 1 1 1 1 1\neth2: 5 x 0 0 0 0 0 0 6 1 0 0\n"
                + "eth0:1: 5 1 0 0 0 0 0 0 6 1 0 0 0 0 0 0\n")
        #expect(try NetworkProbe(root: root.path).read(buffer).interfaces.map(\.name) == ["eth0:1"])
    }

    @Test func computesRatesAndStartsAgainWhenACounterFalls() throws {
        let old = InterfaceCounters(
            name: "eth0", receivedBytes: 100, receivedPackets: 1, receiveErrors: 1, sentBytes: 1000, sentPackets: 5)
        var new = old
        new.receivedBytes = 300
        new.sentBytes = 5000
        new.sentPackets = 9
        new.receiveErrors = 2
        new.sendErrors = 1
        new.sendDrops = 4
        let rates = try #require(InterfaceRates.between(old, new, seconds: 2))
        #expect(rates.receivedBytesPerSecond == 100)
        #expect(rates.sentBytesPerSecond == 2000)
        #expect(rates.sentPacketsPerSecond == 2)
        #expect(rates.errorsPerSecond == 1)
        #expect(rates.dropsPerSecond == 2)
        #expect(InterfaceRates.between(new, old, seconds: 2) == nil)
    }

    @Test func knowsNoRateOfAnInterfaceThatIsNew() {
        let eth0 = InterfaceCounters(name: "eth0", receivedBytes: 5)
        let eth1 = InterfaceCounters(name: "eth1", receivedBytes: 7)
        let rates = NamedInterfaceRates.between([eth1], [eth0, eth1], seconds: 1)
        #expect(rates.map { $0.rates == nil } == [true, false])
    }

    @Test func sumsWithoutOverflow() {
        let huge = InterfaceCounters(name: "eth0", receivedBytes: .max)
        let network = NetworkReading(interfaces: [huge, huge])
        #expect(network.receivedBytes == .max)
    }
}
