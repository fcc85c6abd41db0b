import BusTestKit
import Runtime
import Testing

@testable import MetricsWorker

@Suite struct OverrideFileTests {
    private let memory = LogMemory()

    private func logger() -> Logger {
        Logger(component: "metrics", sink: LogSink(memory: memory))
    }

    @Test func followsTheFile() throws {
        let fixture = try Fixture()
        let file = OverrideFile(path: fixture.path + "/source.json", logger: logger())
        #expect(file.read().values.isEmpty)
        #expect(file.read().values.isEmpty)
        try fixture.write("/source.json", #"{"cpu_percent": 95}"#)
        #expect(file.read().values == [.cpuPercent: 95])
        #expect(file.read().values == [.cpuPercent: 95])
        // Half written: the last good values stay.
        try fixture.write("/source.json", #"{"cpu_percent": 96, "ram_"#)
        #expect(file.read().values == [.cpuPercent: 95])
        try fixture.write("/source.json", #"{"cpu_percent": 96, "ram_percent": 97}"#)
        #expect(file.read().values == [.cpuPercent: 96, .ramPercent: 97])
        fixture.remove("/source.json")
        #expect(file.read().values.isEmpty)
        func count(_ event: String) -> Int { memory.lines.count { $0.contains(event) } }
        #expect(count("metrics_source_applied") == 2)
        #expect(count("metrics_source_malformed") == 1)
        #expect(count("metrics_source_unreadable") == 2)
    }

    @Test func refusesALongFile() throws {
        let fixture = try Fixture()
        let text = #"{"cpu_percent": 95, "x": ""# + String(repeating: "x", count: OverrideFile.maximumBytes) + "\"}"
        try fixture.write("/source.json", text)
        #expect(OverrideFile(path: fixture.path + "/source.json", logger: logger()).read().values.isEmpty)
        #expect(memory.lines.contains { $0.contains("metrics_source_unreadable") })
    }
}
