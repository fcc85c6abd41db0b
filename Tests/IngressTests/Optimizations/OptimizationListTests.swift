import BusClients
import BusTestKit
import Contracts
import Runtime
import SQLiteKit
import Testing

@testable import Ingress

@Suite struct OptimizationListTests {
    private static let owners = ["", "7", "8", "ä'; --"]
    private static let filters: [(owner: String?, status: String?)] =
        [nil, "7", "8", "9"].flatMap { owner in
            ([nil] + OptimizationResult.Status.allCases.map(\.rawValue)).map { (owner, $0) }
        }
    private static let hour: Int64 = 3_600_000_000

    private let folder: TemporaryFolder
    private let time = ManualTime()
    private let projection: OptimizationProjection

    init() throws {
        folder = try TemporaryFolder()
        projection = OptimizationProjection(time: time)
    }

    private func open() async throws -> Database {
        try await ViewsStore.open(
            path: "\(folder.path)/views.db", projections: [projection], metrics: MetricsRegistry(), logger: .silent)
    }

    private func apply(_ bodies: [[UInt8]], to database: Database) async throws {
        let records = bodies.map {
            ProjectionRecord(
                position: LogPosition(partition: 0, offset: 0), key: "", headers: [:], body: $0, timestamp: 0)
        }
        try await database.write { [projection] in
            try projection.apply(ProjectionBatch(source: projection.sources[0], records: records), $0)
        }
    }

    /// An event of some session, as likely out of order as not; half of the sessions are of the time around 1970.
    private func event(_ sessions: Int, _ random: inout SeededRandom) -> [UInt8] {
        let word = ["requested", "started", "progress", "completed", "failed", "cancelled"].randomElement(
            using: &random)
        let number = Int.random(in: 0..<sessions, using: &random)
        let origin = number.isMultiple(of: 2) ? 0 : time.now.microseconds
        var data = JSONWriter()
        data.object { data in
            data.member("task_id", "s\(number)")
            if let owner = Self.owners.randomElement(using: &random), !owner.isEmpty {
                data.member("requested_by", owner)
            }
        }
        let at = origin + Int64.random(in: (-5 * Self.hour)...(4 * Self.hour), using: &random)
        return OptimizationEvent(
            type: "session.\(word ?? "")", agent: "test", data: data.bytes, timestamp: Timestamp(microseconds: at)
        ).json
    }

    /// Compares every list with one that is counted and sorted from the rows themselves.
    private func check(_ database: Database, _ context: String) async throws {
        for (owner, status) in Self.filters {
            let (wanted, pages) = try await database.read { connection in
                let wanted = try connection.query(
                    """
                    SELECT id FROM optimizations WHERE ifnull(owner = ?1, 1) AND ifnull(status = ?2, 1)
                    ORDER BY requested_at DESC, number DESC
                    """, Binding(owner), Binding(status)
                ) { $0.text(0) }
                let pages = try stride(from: 0, through: wanted.count, by: 7).map {
                    try connection.optimizations(OptimizationQuery(owner: owner, status: status, skip: $0, limit: 7))
                }
                return (wanted, pages)
            }
            let filter = "\(context), owner \(owner ?? "any"), status \(status ?? "any")"
            #expect(pages.flatMap(\.sessions).map(\.id) == wanted, "\(filter)")
            #expect(pages.allSatisfy { $0.total == wanted.count }, "\(filter)")
        }
        let (counted, totals, running) = try await database.read { connection in
            (
                try connection.query("SELECT owner, status, sum(sessions) FROM optimization_counts GROUP BY 1, 2") {
                    "\($0.text(0)) \($0.text(1)) \($0.int(2))"
                },
                try connection.query("SELECT owner, status, count(*) FROM optimizations GROUP BY 1, 2") {
                    "\($0.text(0)) \($0.text(1)) \($0.int(2))"
                },
                try connection.runningOptimizations()
            )
        }
        #expect(counted == totals, "\(context)")
        let stillRunning = try await database.read { connection in
            try connection.first("SELECT count(*) FROM optimizations WHERE stage < 2") { Int($0.int(0)) }
        }
        #expect(running == stillRunning, "\(context)")
    }

    @Test(arguments: [1, 2, 3]) func countsAreThoseOfTheRowsWhateverComes(seed: UInt64) async throws {
        let database = try await open()
        var random = SeededRandom(seed: seed)
        for batch in 0..<8 {
            let events = (0..<40).map { _ in event(60, &random) }
            try await apply(events, to: database)
            if batch == 3 {
                // A batch that fails leaves neither rows nor counts.
                await #expect(throws: UndecodableRecord.self) {
                    try await apply(events.reversed() + [Array("nonsense".utf8)], to: database)
                }
            }
            try await check(database, "batch \(batch)")
        }
        // Those of 1970 are long past their time, and go in slices.
        var slices = 0
        while try await database.write({ [time] in try $0.pruneOptimizations(now: time.now, limit: 5) }) {
            slices += 1
            try await check(database, "slice \(slices)")
        }
        #expect(slices > 2)
        try await check(database, "all pruned")
        time.advance(by: OptimizationRows.kept + .seconds(86_400))
        while try await database.write({ [projection] in try projection.prune($0) }) {}
        let left = try await database.read { connection in
            try ["optimizations", "optimization_counts", "optimization_totals"].map { table in
                try connection.first("SELECT count(*) FROM \(table)") { $0.int(0) }
            }
        }
        #expect(left == [0, 0, 0])
        try await database.close()
    }

    @Test(arguments: [Int64.min, Int64.min + 1, -1, 0, Int64.max - 1]) func anyTimeHasItsHour(microseconds: Int64) {
        let hour = OptimizationCounts.hour(of: microseconds)
        #expect(OptimizationCounts.span(of: hour).contains(microseconds))
    }

    @Test func beyondTheEndIsNothing() async throws {
        let database = try await open()
        var random = SeededRandom(seed: 4)
        try await apply((0..<100).map { _ in event(20, &random) }, to: database)
        for skip in [20, 21, 1000, Int.max] {
            let page = try await database.read { try $0.optimizations(OptimizationQuery(skip: skip, limit: 200)) }
            #expect(page.sessions.isEmpty)
            #expect(page.total == 20)
        }
        try await database.close()
    }

    @Test func everyPageIsFoundInOneIndex() async throws {
        let database = try await open()
        let indices = [
            (OptimizationQuery(), "optimizations_by_time"),
            (OptimizationQuery(owner: "7"), "optimizations_by_owner"),
            (OptimizationQuery(status: "failed"), "optimizations_by_status"),
            (OptimizationQuery(owner: "7", status: "failed"), "optimizations_by_owner"),
        ]
        for (query, index) in indices {
            let plan = try await database.read { connection in
                try connection.query(
                    "EXPLAIN QUERY PLAN \(query.numbersInSpan)", nil, nil, nil, nil, 0, 0
                ) { $0.text(3) }
            }
            #expect(plan.count == 1)
            #expect(plan.first?.contains("USING COVERING INDEX \(index) (") == true, "\(plan)")
        }
        try await database.close()
    }

    @Test func aPruneIsASliceFromAnIndex() async throws {
        let database = try await open()
        let old = (0..<1200).map { number in
            OptimizationEvent(
                type: "session.requested", agent: "test", data: Array(#"{"task_id":"s\#(number)"}"#.utf8),
                timestamp: time.now.advanced(by: .seconds(-8 * 86_400 + number))
            ).json
        }
        try await apply(old, to: database)
        var left: [Int] = []
        var hasMore = true
        while hasMore {
            hasMore = try await database.write { [projection] in try projection.prune($0) }
            left.append(try await database.read { try $0.optimizations(OptimizationQuery()).total })
        }
        #expect(left == [700, 200, 0])
        let plan = try await database.read { connection in
            try connection.query(
                "EXPLAIN QUERY PLAN SELECT number FROM optimizations WHERE updated_at < 1 ORDER BY updated_at LIMIT 1"
            ) { $0.text(3) }
        }
        #expect(plan.first?.contains("COVERING INDEX optimizations_by_update") == true)
        try await database.close()
    }
}

/// SplitMix64, so that a failure can be had again.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
