import Contracts
import HostProbe
import Testing

@testable import MetricsWorker

@Suite struct ProcessSelectionTests {
    private let fixture: Fixture
    private let table: ProcessTable

    init() throws {
        fixture = try Fixture()
        table = ProcessTable(root: fixture.path)
        for (pid, pages) in [(1, 30), (2, 20), (3, 10)] {
            try fixture.write(
                "/proc/\(pid)/stat", "\(pid) (p\(pid)) S 1 1 1 0 -1 0 0 0 0 0 5 0 0 0 20 0 1 0 250 4096 \(pages) 0\n")
            try fixture.write("/proc/\(pid)/cmdline", "c\(pid)\0")
        }
    }

    private func snapshot() throws -> ProcessSnapshot {
        ProcessSnapshot(reading: try table.read(), since: nil, bootTime: nil, totalMemory: nil)
    }

    private func pids(_ query: ProcessQuery, _ snapshot: ProcessSnapshot) throws -> [Int]? {
        try ProcessSelection(query, snapshot, table, isExpired: { false }).rows()?.map(\.pid)
    }

    @Test func theNextTakesThePlaceOfOneThatHasEnded() throws {
        let snapshot = try snapshot()
        #expect(try pids(ProcessQuery(order: .memory, limit: 2), snapshot) == [1, 2])
        fixture.remove("/proc/1/stat")
        #expect(try pids(ProcessQuery(order: .memory, limit: 2), snapshot) == [2, 3])
        // Its number is another's by now.
        try fixture.write("/proc/2/stat", "2 (new) S 1 1 1 0 -1 0 0 0 0 0 5 0 0 0 20 0 1 0 999 4096 20 0\n")
        #expect(try pids(ProcessQuery(order: .memory, limit: 2), snapshot) == [3])
        #expect(try pids(ProcessQuery(order: .memory, pattern: "c[12]"), snapshot) == [])
    }

    @Test func withoutASecondReadingTimeAndMemoryTheRestIsKnown() throws {
        let rows = try ProcessSelection(
            ProcessQuery(order: .pid, limit: 1), try snapshot(), table, isExpired: { false }
        ).rows()
        let row = try #require(rows?.first)
        #expect(row.cpuPercent == nil)
        #expect(row.memoryPercent == nil)
        #expect(row.createdAt == nil)
        #expect(row.name == "p1")
        #expect(row.commandLine == "c1")
    }

    /// A pattern over many command lines stops when nobody waits any more.
    @Test(arguments: [nil, "c3"]) func stopsWhenTheQuestionExpires(pattern: String?) throws {
        var asked = 0
        let selection = ProcessSelection(ProcessQuery(order: .pid, pattern: pattern), try snapshot(), table) {
            asked += 1
            return asked > 2
        }
        #expect(try selection.rows() == nil)
        #expect(asked == 3)
    }
}
