import Testing

@testable import HostProbe

/// Load, uptime and pressure: one short file each.
@Suite struct SystemReadingTests {
    private let buffer = ReadBuffer()

    @Test func readsTheLoad() {
        let load = withBytes("0.53 1.20 12.07 3/95 13752\n") { LoadAverage($0) }
        #expect(
            load
                == LoadAverage(
                    oneMinute: 0.53, fiveMinutes: 1.2, fifteenMinutes: 12.07, runnableTasks: 3, tasks: 95))
    }

    @Test func readsTheLoadWithoutTasks() {
        #expect(withBytes("0.5 1 2") { LoadAverage($0) }?.tasks == nil)
        #expect(withBytes("0.5 1 2 x/y") { LoadAverage($0) }?.fifteenMinutes == 2)
    }

    @Test(arguments: ["", "0.5 1", "a b c", "nan nan nan 1/2 3"])
    func refusesAMalformedLoad(text: String) {
        #expect(withBytes(text) { LoadAverage($0) } == nil)
    }

    @Test func readsTheUptime() throws {
        let root = try FixtureRoot()
        try root.write("/proc/uptime", "1766.94 3455.94\n")
        #expect(try UptimeProbe(root: root.path).read(buffer) == 1766.94)
        try root.write("/proc/uptime", "\n")
        #expect(throws: ProbeError.self) { try UptimeProbe(root: root.path).read(buffer) }
    }

    @Test func readsPressure() throws {
        let root = try FixtureRoot()
        try root.write(
            "/proc/pressure/memory",
            "some avg10=1.50 avg60=0.75 avg300=0.10 total=123456\nfull avg10=0.50 avg60=0.25 avg300=0.00 total=23456\n")
        let pressure = try PressureProbe(.memory, root: root.path).read(buffer)
        #expect(pressure.some == .init(average10: 1.5, average60: 0.75, average300: 0.1, total: 123456))
        #expect(pressure.full == .init(average10: 0.5, average60: 0.25, average300: 0, total: 23456))
    }

    @Test func readsPressureWithoutFull() {
        // `cpu` of kernels before 5.13.
        let pressure = withBytes("some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n") { Pressure($0) }
        #expect(pressure?.some.total == 7)
        #expect(pressure?.full == nil)
    }

    @Test(arguments: ["", "some avg10=0.00 total=7", "some avg10=x avg60=0 avg300=0 total=1", "full total=1"])
    func refusesMalformedPressure(text: String) {
        #expect(withBytes(text) { Pressure($0) } == nil)
    }
}
