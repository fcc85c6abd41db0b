import Testing

@testable import HostProbe

@Suite struct TemperatureProbeTests {
    private let buffer = ReadBuffer()

    @Test func readsSensorsAndZones() throws {
        let root = try FixtureRoot()
        try root.write("/sys/class/hwmon/hwmon0/name", "acpitz\n")
        try root.write("/sys/class/hwmon/hwmon0/temp1_input", "27800\n")
        try root.write("/sys/class/hwmon/hwmon1/name", "coretemp\n")
        try root.write("/sys/class/hwmon/hwmon1/temp1_input", "61000\n")
        try root.write("/sys/class/hwmon/hwmon1/temp1_label", "Package id 0\n")
        try root.write("/sys/class/hwmon/hwmon1/temp2_input", "63500\n")
        try root.write("/sys/class/hwmon/hwmon1/temp2_crit", "100000\n")
        try root.write("/sys/class/hwmon/hwmon2/name", "jc42\n")
        try root.write("/sys/class/hwmon/hwmon2/temp1_input", "-5250\n")
        // The first is the zone of hwmon0 again.
        try root.write("/sys/class/thermal/thermal_zone0/type", "acpitz\n")
        try root.write("/sys/class/thermal/thermal_zone0/temp", "27800\n")
        try root.write("/sys/class/thermal/thermal_zone1/type", "x86_pkg_temp\n")
        try root.write("/sys/class/thermal/thermal_zone1/temp", "62000\n")
        try root.write("/sys/class/thermal/cooling_device0/type", "Processor\n")
        let temperatures = TemperatureProbe(root: root.path).read(buffer)
        #expect(
            temperatures == [
                Temperature(sensor: "acpitz", celsius: 27.8),
                Temperature(sensor: "coretemp", label: "Package id 0", celsius: 61),
                Temperature(sensor: "coretemp", celsius: 63.5), Temperature(sensor: "jc42", celsius: -5.25),
                Temperature(sensor: "x86_pkg_temp", celsius: 62),
            ])
        var reading = HostReading(at: .zero)
        reading.temperatures = temperatures
        #expect(reading.processorTemperature == 63.5)
    }

    @Test func dropsAZoneThatHwmonShowsUnderAnotherSpelling() throws {
        let root = try FixtureRoot()
        try root.write("/sys/class/hwmon/hwmon0/name", "cpu_thermal\n")
        try root.write("/sys/class/hwmon/hwmon0/temp1_input", "48312\n")
        try root.write("/sys/class/thermal/thermal_zone0/type", "cpu-thermal\n")
        try root.write("/sys/class/thermal/thermal_zone0/temp", "48312\n")
        #expect(TemperatureProbe(root: root.path).read(buffer).map(\.celsius) == [48.312])
    }

    @Test func knowsNothingOfASensorThatFails() throws {
        let root = try FixtureRoot()
        let input = "/sys/class/hwmon/hwmon0/temp1_input"
        try root.write("/sys/class/hwmon/hwmon0/name", "nvme\n")
        try root.write(input, "40000\n")
        let probe = TemperatureProbe(root: root.path)
        #expect(probe.read(buffer).map(\.celsius) == [40])
        for broken in ["", "warm\n", "255000\n", "-128000\n"] {
            try root.write(input, broken)
            #expect(probe.read(buffer) == [Temperature(sensor: "nvme", celsius: nil)])
        }
        try root.write(input, "41000\n")
        #expect(probe.read(buffer).map(\.celsius) == [41])
    }

    @Test func findsNoneOnAVirtualMachine() throws {
        let root = try FixtureRoot()
        try root.makeFolder("/sys/class/thermal")
        #expect(TemperatureProbe(root: root.path).read(buffer).isEmpty)
    }
}
