import Contracts
import HostProbe
import Runtime

/// The processes of the host, on a thread that is not the sampler's: a question never holds that up.
///
/// Shares of processors need two readings. The last reading is kept, and nothing is read while nobody asks: a question
/// within `memory` of the last one has its shares over that time; the first in a while reads twice, `span` apart.
/// Questions within `span` of a reading share it.
actor ProcessReader {
    /// Between two readings, at least: a clock tick of 10 ms is 5 % of it.
    static let span: Duration = .milliseconds(200)
    /// What happened before is not what happens now.
    static let memory: Duration = .seconds(10)

    private let thread: BlockingThread
    private let time: any TimeSource
    private let makeTable: @Sendable () -> ProcessTable
    private let root: String
    private lazy var table = makeTable()
    private lazy var bootTime = BootTimeProbe(root: root)
    private lazy var memoryProbe = MemoryProbe(root: root == "/" ? "" : root)
    private lazy var buffer = ReadBuffer()
    private var latest: ProcessSnapshot?

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - thread: where files are read.
    ///   - root: the folder that stands for `/`.
    ///   - time: whose uptime is CLOCK_BOOTTIME; the readings' own clock is the table's.
    init(
        on thread: BlockingThread, root: String, time: any TimeSource, monotonic: @escaping @Sendable () -> Duration
    ) {
        self.thread = thread
        self.root = root
        self.time = time
        makeTable = { ProcessTable(root: root, monotonic: monotonic) }
    }

    /// The processes that are asked for; nil when the question has expired before all were looked at.
    /// - Throws: `ProbeError` when `/proc` cannot be listed; `CancellationError`.
    func list(_ query: ProcessQuery, until expiry: Timestamp) async throws -> [ProcessInfo]? {
        let snapshot = try await snapshot()
        let selection = ProcessSelection(query, snapshot, table) { [time] in time.now >= expiry }
        return try selection.rows()
    }

    private func snapshot() async throws -> ProcessSnapshot {
        let now = table.now
        if let latest, latest.hasShares, now >= latest.at, now - latest.at < Self.span { return latest }
        var earlier = latest.flatMap { now - $0.at <= Self.memory ? $0 : nil }
        if earlier.map({ now - $0.at < Self.span }) ?? true {
            earlier = try read(since: nil)
            try await time.sleep(for: Self.span)
        }
        return try read(since: earlier)
    }

    private func read(since earlier: ProcessSnapshot?) throws -> ProcessSnapshot {
        let snapshot = ProcessSnapshot(
            reading: try table.read(), since: earlier, bootTime: try? bootTime.read(buffer),
            totalMemory: (try? memoryProbe.read(buffer))?.total)
        latest = snapshot
        return snapshot
    }
}
