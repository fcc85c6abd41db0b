import Testing

@testable import HostProbe

@Suite struct GraphicsCardProbeTests {
    private let buffer = ReadBuffer()

    private func amd(_ root: FixtureRoot) throws {
        let device = "/sys/class/drm/card1/device"
        try root.write(device + "/vendor", "0x1002\n")
        try root.write(device + "/product_name", "AMD Instinct MI210\n")
        try root.write(device + "/unique_id", "18446744073709551615\n")
        try root.write(device + "/gpu_busy_percent", "37\n")
        try root.write(device + "/mem_info_vram_total", "68702699520\n")
        try root.write(device + "/mem_info_vram_used", "17175674880\n")
        try root.write(device + "/hwmon/hwmon4/temp1_input", "52000\n")
        try root.write(device + "/hwmon/hwmon4/power1_average", "41500000\n")
        try root.write(device + "/hwmon/hwmon4/power1_cap", "300000000\n")
        try root.write(device + "/hwmon/hwmon4/freq1_input", "1700000000\n")
        // A connector of the card, and a card of NVIDIA, which its own library answers for.
        try root.write("/sys/class/drm/card1-DP-1/device/vendor", "0x1002\n")
        try root.write("/sys/class/drm/card2/device/vendor", "0x10de\n")
        try root.makeFolder("/sys/class/drm/renderD128")
    }

    @Test func readsACardOfAMD() throws {
        let root = try FixtureRoot()
        try amd(root)
        var card = GPUReading(vendor: .amd, id: "card1")
        card.name = "AMD Instinct MI210"
        card.uuid = "18446744073709551615"
        card.busyPercent = 37
        card.memoryTotal = 68_702_699_520
        card.memoryUsed = 17_175_674_880
        card.celsius = 52
        card.watts = 41.5
        card.wattsLimit = 300
        card.megahertz = 1700
        #expect(GraphicsCardProbe(root: root.path).read(buffer) == [card])
        #expect(card.memoryUsedPercent == 25)
    }

    @Test func knowsNothingOfACardThatIsLost() throws {
        let root = try FixtureRoot()
        try amd(root)
        let probe = GraphicsCardProbe(root: root.path)
        #expect(probe.read(buffer).map(\.problem) == [nil])
        let device = "/sys/class/drm/card1/device"
        for file in ["gpu_busy_percent", "mem_info_vram_total", "mem_info_vram_used"] {
            try root.write("\(device)/\(file)", "")
        }
        for file in ["temp1_input", "power1_average", "power1_cap", "freq1_input"] {
            try root.write("\(device)/hwmon/hwmon4/\(file)", "")
        }
        let lost = try #require(probe.read(buffer).first)
        #expect(lost.problem == "the GPU does not answer")
        #expect(lost.name == "AMD Instinct MI210")
        #expect(lost.busyPercent == nil)
        try root.write(device + "/gpu_busy_percent", "5\n")
        #expect(probe.read(buffer).map(\.busyPercent) == [5])
        #expect(probe.read(buffer).map(\.problem) == [nil])
    }

    @Test func letsACardSleep() throws {
        let root = try FixtureRoot()
        try amd(root)
        try root.write("/sys/class/drm/card1/device/power/runtime_status", "active\n")
        let probe = GraphicsCardProbe(root: root.path)
        #expect(probe.read(buffer).map(\.busyPercent) == [37])
        try root.write("/sys/class/drm/card1/device/power/runtime_status", "suspended\n")
        let asleep = try #require(probe.read(buffer).first)
        #expect(asleep.name == "AMD Instinct MI210")
        #expect(asleep.busyPercent == nil)
        #expect(asleep.celsius == nil)
        #expect(asleep.problem == nil)
    }

    @Test func computesTheLoadOfACardOfIntelFromItsSleep() throws {
        let root = try FixtureRoot()
        let clock = StepClock()
        let card = "/sys/class/drm/card0"
        try root.write(card + "/device/vendor", "0x8086\n")
        try root.write(card + "/gt_act_freq_mhz", "1150\n")
        try root.write(card + "/gt/gt0/rc6_residency_ms", "10000\n")
        try root.write(card + "/device/hwmon/hwmon2/energy1_input", "5000000\n")
        let sampler = HostSampler(root: root.path, monotonic: clock.read)
        let first = sampler.sample()
        #expect(first.reading.gpus.map(\.megahertz) == [1150])
        #expect(first.reading.gpus.map(\.busyPercent) == [nil])
        #expect(first.reading.gpus.map(\.memoryTotal) == [nil])
        #expect(first.reading.gpuReason == nil)
        #expect(first.rates == nil)
        clock.now += .seconds(2)
        try root.write(card + "/gt/gt0/rc6_residency_ms", "11500\n")
        try root.write(card + "/device/hwmon/hwmon2/energy1_input", "35000000\n")
        let second = sampler.sample()
        #expect(second.rates?.gpus == [GPURates(id: "card0", busyPercent: 25, watts: 15)])
        clock.now += .seconds(1)
        try root.write(card + "/gt/gt0/rc6_residency_ms", "400\n")
        #expect(sampler.sample().rates?.gpus == [GPURates(id: "card0", busyPercent: nil, watts: 0)])
    }

    @Test func findsNoneOnAMachineWithout() throws {
        let root = try FixtureRoot()
        let sampler = HostSampler(root: root.path)
        let reading = sampler.sample().reading
        #expect(reading.gpus.isEmpty)
        #expect(reading.gpuReason == "no NVIDIA driver")
    }
}
