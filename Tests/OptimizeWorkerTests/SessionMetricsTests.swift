import BusTestKit
import Contracts
import Runtime
import Testing

@testable import OptimizeWorker

@Suite(.timeLimit(.minutes(1)))
struct SessionMetricsTests {
    /// The value of a series; nil when it is not shown.
    private func value(_ series: String, _ metrics: MetricsRegistry) -> Double? {
        metrics.render().split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    @Test func countsWhatRunsAndWhatEnded() async throws {
        let bench = try await Workbench()
        let running = #"flotilla_optimization_sessions_running{type="fake"}"#
        let fake = FakeOptimization([FakeOptimization.step("a")]) { step, _ in
            #expect(value(running, bench.metrics) == 1)
            return FakeOptimization.done(step)
        }
        try await bench.whileServing([fake]) { _ in
            #expect(value(running, bench.metrics) == 0)
            try await bench.enqueue(bench.request())
            try await bench.enqueue(bench.request("t2", type: "warp"))
            _ = try await bench.events(untilEndOf: "t2")
        }
        #expect(value(running, bench.metrics) == 0)
        #expect(value(#"flotilla_optimization_sessions_running{type="other"}"#, bench.metrics) == 0)
        let total = "flotilla_optimization_sessions_total"
        #expect(value(#"\#(total){type="fake",status="completed"}"#, bench.metrics) == 1)
        #expect(value(#"\#(total){type="other",status="failed"}"#, bench.metrics) == 1)
        #expect(!bench.metrics.render().contains("warp"), "a client's word is no label")
        let duration = "hardware_optimizer_duration_seconds"
        #expect(value(#"\#(duration)_count{operation="fake"}"#, bench.metrics) == 1)
        #expect(value(#"\#(duration)_bucket{operation="fake",le="3600"}"#, bench.metrics) == 1)
        #expect(value(#"flotilla_optimization_session_seconds_count{type="fake"}"#, bench.metrics) == 1)
        // Nothing was measured that these tell of.
        #expect(value("hardware_optimizer_memory_freed_bytes", bench.metrics) == nil)
        #expect(value("hardware_optimizer_storage_analyzed_bytes", bench.metrics) == nil)
    }

    @Test func memoryFreedIsTheGrowthOfWhatIsAvailable() async throws {
        let bench = try await Workbench()
        let root = try TemporaryFolder()
        for path in ["/proc", "/proc/sys", "/proc/sys/vm", "/proc/self"] { try TestFiles.makeFolder(root.path + path) }
        @Sendable func setAvailable(_ kibibytes: Int) throws {
            let lines = [
                "MemTotal: 16000 kB", "MemFree: 1000 kB", "MemAvailable: \(kibibytes) kB", "Buffers: 10 kB",
                "Cached: 6000 kB", "Shmem: 500 kB", "Dirty: 10 kB",
            ]
            try TestFiles.write(root.path + "/proc/meminfo", lines.joined(separator: "\n") + "\n")
        }
        try setAvailable(8000)
        try TestFiles.write(root.path + "/proc/self/statm", "1000 500 100 10 0 200 0\n")
        let memory = MemoryOptimization(
            host: MemoryHost(root: root.path, synchronize: {}, trimHeap: { true }, freeHeapBytes: { 4096 }))
        _ = try await bench.run(bench.request(type: "memory", isDryRun: true), memory)
        #expect(value("hardware_optimizer_memory_freed_bytes", bench.metrics) == nil, "a preview frees nothing")
        _ = try await bench.run(
            bench.request("t2", type: "memory"), Interrupted(base: memory) { try setAvailable(8100) })
        #expect(value("hardware_optimizer_memory_freed_bytes", bench.metrics) == 102_400)
        #expect(value(#"hardware_optimizer_duration_seconds_count{operation="memory"}"#, bench.metrics) == 2)
    }

    @Test func storageAnalyzedIsTheSpaceOfTheFilesThatWereLookedAt() async throws {
        let bench = try await Workbench()
        let root = bench.folder.path + "/root"
        try TestFiles.makeFolder(root)
        try TestFiles.write(root + "/old", String(repeating: "x", count: 10_000))
        try TestFiles.write(root + "/new", String(repeating: "x", count: 5000), days: 0)
        let disk = DiskOptimization(
            configuration: DiskConfiguration(
                roots: [root], temporaryRoots: [root], archiveFolders: [root + "/archives"],
                stateFolder: bench.stateFolder))
        let result = try await bench.run(bench.request(type: "disk", isDryRun: true), disk)
        let bytes = TestFiles.diskBytes(root + "/old") + TestFiles.diskBytes(root + "/new")
        #expect(bytes >= 15_000)
        #expect(value("hardware_optimizer_storage_analyzed_bytes", bench.metrics) == Double(bytes))
        let report = String(decoding: try #require(result.report), as: UTF8.self)
        #expect(!report.contains("scanned_bytes"), "no body has it")
    }
}
