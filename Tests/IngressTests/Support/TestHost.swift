import BusClients
import BusTestKit
import Contracts
import Glibc
import MetricsWorker
import Runtime
import Testing

/// A host with made-up processes whose real worker answers questions on a bus.
struct TestHost: Sendable {
    let name: String
    let root: TemporaryFolder

    init(_ name: String) throws {
        self.name = name
        root = try TemporaryFolder()
        try write("/proc/stat", "cpu  1 1 1 1 0 0 0 0\nbtime 1763721000\n")
        try write("/proc/meminfo", "MemTotal: 409600 kB\nMemFree: 100 kB\nMemAvailable: 250 kB\n")
    }

    func addProcess(_ pid: Int, _ name: String, pages: Int, commandLine: String) throws {
        try write(
            "/proc/\(pid)/stat", "\(pid) (\(name)) S 1 1 1 0 -1 0 0 0 0 0 5 5 0 0 20 0 2 0 250 4096 \(pages) 0\n")
        try write("/proc/\(pid)/cmdline", commandLine)
    }

    /// Replaces what a sample says, as `METRICS_SOURCE_FILE` does.
    func override(_ json: String) throws { try write("/overrides.json", json) }

    /// Runs the worker while the body runs.
    func working(on bus: Bus, _ body: () async throws -> Void) async throws {
        let sampling = MetricsWorkerConfiguration(host: name, sourceFile: root.path + "/overrides.json")
        let service = HostInspectionService(
            host: name, root: root.path,
            sampling: (sampling, SamplingPlan(sampling)),
            bus: bus, time: SystemTime(),
            metrics: MetricsRegistry(), logger: .silent)
        let lifecycle = Lifecycle()
        let running = Task {
            defer { lifecycle.started() }
            try await service.run(lifecycle)
        }
        try await withDeadline("the worker starts") { await lifecycle.waitUntilStarted() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        lifecycle.requestStop()
        try await withDeadline("the worker stops") { try await running.value }
        try outcome.get()
    }

    func write(_ file: String, _ text: String) throws {
        var parent = root.path
        for name in file.split(separator: "/").dropLast() {
            parent += "/" + name
            try #require(mkdir(parent, 0o755) == 0 || errno == EEXIST)
        }
        let descriptor = open(root.path + file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        #expect(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }
}
