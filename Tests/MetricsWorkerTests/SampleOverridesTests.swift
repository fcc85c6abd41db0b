import Contracts
import Runtime
import Testing

@testable import MetricsWorker

@Suite struct SampleOverridesTests {
    private let gibibyte = 1 << 30
    private let mebibyte = 1 << 20

    private var sample: HostSample {
        HostSample(
            host: "a", timestamp: Timestamp(microseconds: 0), interval: 1, cpu: CPUSample(busyPercent: 10),
            memory: MemorySample(
                total: 16 * gibibyte, available: 12 * gibibyte, used: 4 * gibibyte, usedPercent: 25),
            fileSystems: [FileSystemSample(mountPoint: "/", usedPercent: 30)], gpuReason: "none")
    }

    private func applied(_ json: String) throws -> HostSample {
        var sample = sample
        try SampleOverrides(json: Array(json.utf8)).apply(to: &sample)
        return sample
    }

    @Test func changesNothingWhenEmpty() throws {
        #expect(try applied("{}") == sample)
    }

    @Test func replacesSingleValues() throws {
        let changed = try applied(#"{"cpu_percent": 97.5, "disk_percent": 91, "timestamp": "2026-11-21"}"#)
        #expect(changed.cpu.busyPercent == 97.5)
        #expect(changed.fileSystems.first?.usedPercent == 91)
        #expect(changed.memory == sample.memory)
        #expect(changed.gpus.isEmpty)
    }

    @Test func keepsMemoryConsistent() throws {
        let byPercent = try applied(#"{"ram_percent": 75}"#).memory
        #expect(byPercent.used == 12 * gibibyte)
        #expect(byPercent.available == 4 * gibibyte)
        let byUsed = try applied(#"{"ram_used_gb": 8}"#).memory
        #expect(byUsed.usedPercent == 50)
        #expect(byUsed.available == 8 * gibibyte)
        let byTotal = try applied(#"{"ram_total_gb": 8}"#).memory
        #expect(byTotal.usedPercent == 50)
        #expect(byTotal.used == 4 * gibibyte)
        let all = try applied(#"{"ram_used_gb": 2, "ram_total_gb": 8, "ram_percent": 99}"#).memory
        #expect(all.usedPercent == 99)
        #expect(all.used == 2 * gibibyte)
    }

    @Test func makesAGPUWhereThereIsNone() throws {
        let changed = try applied(#"{"gpu_percent": 80, "vram_used_mb": 11000, "vram_total_mb": 12000}"#)
        let gpu = try #require(changed.gpus.first)
        #expect(changed.gpus.count == 1)
        #expect(changed.gpuReason == nil)
        #expect(gpu.busyPercent == 80)
        #expect(gpu.memoryUsed == 11000 * mebibyte)
        #expect(gpu.memoryTotal == 12000 * mebibyte)
        let percent = try #require(gpu.memoryUsedPercent)
        #expect(abs(percent - 91.666_666) < 0.001)
    }

    @Test func replacesByUnknown() throws {
        let changed = try applied(#"{"cpu_percent": null, "ram_percent": null, "ram_total_gb": null}"#)
        #expect(changed.cpu.busyPercent == nil)
        #expect(changed.memory.usedPercent == nil)
        #expect(changed.memory.total == nil)
        #expect(changed.memory.available == nil)
    }

    @Test func saysWhatItIgnores() throws {
        let json = #"{"vram": 5, "cpu_percent": 101, "ram_percent": "50", "disk_percent": -1, "gpu_percent": true}"#
        let overrides = try SampleOverrides(json: Array(json.utf8))
        #expect(overrides.ignored == ["cpu_percent", "disk_percent", "gpu_percent", "ram_percent", "vram"])
        #expect(try applied(json) == sample)
    }

    @Test(arguments: ["", "[]", "5", "{", #"{"cpu_percent": }"#])
    func refusesWhatIsNoObject(json: String) {
        #expect(throws: (any Error).self) { try SampleOverrides(json: Array(json.utf8)) }
    }

    @Test func takesTheLargestValuesWithoutOverflow() throws {
        let changed = try applied(
            #"{"ram_used_gb": 1048576, "ram_total_gb": 1048576, "vram_used_mb": 1073741824, "vram_percent": 100}"#)
        #expect(changed.memory.usedPercent == 100)
        #expect(changed.memory.available == 0)
    }
}
