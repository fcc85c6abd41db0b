import BusTestKit
import Contracts
import Synchronization
import Testing

@testable import OptimizeWorker

@Suite(.timeLimit(.minutes(1)))
struct MemoryOptimizationTests {
    private static let fragmented = "Node 0, zone   Normal  90000  4000  10  0  0  0  0  0  0  0  1\n"
    private static let whole = "Node 0, zone   Normal  1  1  1  1  1  1  1  1  1  1  9000\n"

    /// A root with what the optimization reads and writes.
    private func root(dirtyKiB: Int, buddyinfo: String, isWritable: Bool = true) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for path in ["/proc", "/proc/pressure", "/proc/sys", "/proc/sys/vm", "/proc/self"] {
            try TestFiles.makeFolder(folder.path + path)
        }
        let lines = [
            "MemTotal: 16000000 kB", "MemFree: 1000000 kB", "MemAvailable: 8000000 kB", "Buffers: 1000 kB",
            "Cached: 6000000 kB", "Shmem: 500000 kB", "Dirty: \(dirtyKiB) kB",
        ]
        try TestFiles.write(folder.path + "/proc/meminfo", lines.joined(separator: "\n") + "\n")
        try TestFiles.write(
            folder.path + "/proc/pressure/memory",
            "some avg10=1.50 avg60=1.00 avg300=0.50 total=100\nfull avg10=0.50 avg60=0.00 avg300=0.00 total=50\n")
        try TestFiles.write(folder.path + "/proc/buddyinfo", buddyinfo)
        try TestFiles.write(folder.path + "/proc/self/statm", "1000 500 100 10 0 200 0\n")
        if isWritable {
            try TestFiles.write(folder.path + "/proc/sys/vm/compact_memory", "")
            try TestFiles.write(folder.path + "/proc/sys/vm/drop_caches", "")
        }
        return folder
    }

    private func host(_ root: TemporaryFolder, onSync: @escaping @Sendable () -> Void = {}) -> MemoryHost {
        MemoryHost(root: root.path, synchronize: onSync, trimHeap: { true }, freeHeapBytes: { 4096 })
    }

    private func outcomes(_ result: OptimizationResult) throws -> [String: Facts] {
        let report = try Facts(json: try #require(result.report))
        guard case .list(let steps) = report["steps"] else { return [:] }
        var outcomes: [String: Facts] = [:]
        for case .facts(let step) in steps { outcomes[step["step"]?.text ?? ""] = step }
        return outcomes
    }

    @Test func skipsWhatTheHostDoesNotNeedWithTheReason() async throws {
        let bench = try await Workbench()
        let root = try root(dirtyKiB: 100, buddyinfo: Self.whole)
        let result = try await bench.run(bench.request(type: "memory"), MemoryOptimization(host: host(root)))
        let steps = try outcomes(result)
        #expect(result.status == .completed)
        #expect(steps["write_back"]?["outcome"] == "skipped")
        #expect(steps["compaction"]?["outcome"] == "skipped")
        #expect(steps["page_cache_drop"]?["reason"]?.text?.contains("not asked for") == true)
        #expect(steps["heap_trim"]?["outcome"] == "completed")
        #expect(result.changes.count == 1)
        #expect(TestFiles.read(root.path + "/proc/sys/vm/compact_memory") == "")
        #expect(TestFiles.read(root.path + "/proc/sys/vm/drop_caches") == "")
    }

    @Test func doesWhatTheEvidenceSpeaksForAndMeasuresIt() async throws {
        let bench = try await Workbench()
        let root = try root(dirtyKiB: 200_000, buddyinfo: Self.fragmented)
        let synced = Mutex(0)
        let optimization = MemoryOptimization(host: host(root) { synced.withLock { $0 += 1 } })
        let result = try await bench.run(bench.request(type: "memory"), optimization)
        #expect(synced.withLock { $0 } == 1)
        #expect(TestFiles.read(root.path + "/proc/sys/vm/compact_memory") == "1")
        #expect(TestFiles.read(root.path + "/proc/sys/vm/drop_caches") == "")
        let impact = try Facts(json: try #require(result.performanceImpact))
        #expect(impact["memory_freed_mb"] == 0.0)
        #expect(impact["memory_delta_mb"] == 0.0)
        #expect(impact["memory_available_before_mb"] == 7812.5)
        #expect(impact["pressure_some_avg10_after"] == 1.5)
        let events = try await bench.events(untilEndOf: "t1")
        let optimized = try #require(events.first { $0.type == "memory.optimized" })
        #expect(optimized.key == "optimization.memory.optimized")
        #expect(optimized.data["freed_mb"] == 0.0)
        #expect(optimized.data["duration_ms"]?.double != nil)
    }

    @Test func dryRunWritesNothing() async throws {
        let bench = try await Workbench()
        let root = try root(dirtyKiB: 200_000, buddyinfo: Self.fragmented)
        let before = try TestFiles.snapshot(root.path)
        let optimization = MemoryOptimization(host: host(root) { Issue.record("sync in a dry run") })
        let result = try await bench.run(
            bench.request(type: "memory", isDryRun: true, parameters: #"{"drop_page_cache": true}"#), optimization)
        #expect(try TestFiles.snapshot(root.path) == before)
        #expect(result.changes.isEmpty)
        #expect(try await bench.events(untilEndOf: "t1").allSatisfy { $0.type != "memory.optimized" })
    }

    @Test func dropsThePageCacheOnlyWhenAsked() async throws {
        let bench = try await Workbench()
        let root = try root(dirtyKiB: 0, buddyinfo: Self.whole)
        let request = bench.request(type: "memory", parameters: #"{"drop_page_cache": true}"#)
        _ = try await bench.run(request, MemoryOptimization(host: host(root)))
        #expect(TestFiles.read(root.path + "/proc/sys/vm/drop_caches") == "1")
    }

    @Test func aMissingControlFileIsAReason() async throws {
        let bench = try await Workbench()
        let root = try root(dirtyKiB: 0, buddyinfo: Self.fragmented, isWritable: false)
        let request = bench.request(type: "memory", parameters: #"{"drop_page_cache": true}"#)
        let steps = try outcomes(try await bench.run(request, MemoryOptimization(host: host(root))))
        #expect(steps["compaction"]?["reason"]?.text?.contains("is missing") == true)
        #expect(steps["page_cache_drop"]?["reason"]?.text?.contains("is missing") == true)
    }

    @Test func looksAgainRightBeforeActing() async throws {
        let bench = try await Workbench()
        let root = try root(dirtyKiB: 0, buddyinfo: Self.fragmented)
        let optimization = Interrupted(base: MemoryOptimization(host: host(root))) {
            try TestFiles.write(root.path + "/proc/buddyinfo", Self.whole)
        }
        let steps = try outcomes(try await bench.run(bench.request(type: "memory"), optimization))
        #expect(steps["compaction"]?["outcome"] == "skipped")
        #expect(TestFiles.read(root.path + "/proc/sys/vm/compact_memory") == "")
    }

    @Test func aMalformedParameterFailsTheSession() async throws {
        let bench = try await Workbench()
        let root = try root(dirtyKiB: 0, buddyinfo: Self.whole)
        let request = bench.request(type: "memory", parameters: #"{"drop_page_cache": "yes"}"#)
        let result = try await bench.run(request, MemoryOptimization(host: host(root)))
        #expect(result.status == .failed)
        #expect(result.errorMessage == "drop_page_cache must be true or false")
    }

    @Test func readsTheFreeBlocksOfAllZones() throws {
        let blocks = try #require(
            FreeBlocks("Node 0, zone DMA 1 0 0 0 0 0 0 0 0 1 0\nNode 1, zone Normal 511 0 0 0 0 0 0 0 0 0 0\n"))
        #expect(blocks.counts == [512, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0])
        #expect(blocks.fragmentedPercent == 50)
        #expect(FreeBlocks("nothing") == nil)
    }

    @Test func worksOnThisHost() async throws {
        let bench = try await Workbench()
        let result = try await bench.run(bench.request(type: "memory", isDryRun: true), MemoryOptimization())
        #expect(result.status == .completed)
    }
}
