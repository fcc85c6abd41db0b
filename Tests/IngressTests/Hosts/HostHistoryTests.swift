import BusClients
import BusTestKit
import Contracts
import Runtime
import SQLiteKit
import Testing

@testable import Ingress

@Suite struct HostHistoryTests {
    /// What was measured, to be averaged by hand.
    private struct Measured {
        let at: Timestamp
        let cpu: Double
    }

    private let folder: TemporaryFolder
    private let time = ManualTime()

    init() throws { folder = try TemporaryFolder() }

    private func open(_ projection: HostProjection) async throws -> Database {
        try await ViewsStore.open(
            path: "\(folder.path)/views.db", projections: [projection], metrics: MetricsRegistry(), logger: .silent)
    }

    private func projection() -> HostProjection { HostProjection(interval: .seconds(1), time: time) }

    private func apply(
        _ samples: [HostSample], _ projection: HostProjection, to database: Database
    ) async throws {
        let records = samples.map {
            ProjectionRecord(
                position: LogPosition(partition: 0, offset: 0), key: $0.host, headers: [:], body: $0.json,
                timestamp: $0.timestamp.microseconds)
        }
        try await database.write {
            try projection.apply(ProjectionBatch(source: projection.sources[0], records: records), $0)
        }
    }

    private func prune(_ projection: HostProjection, _ database: Database) async throws {
        while try await database.write({ try projection.prune($0) }) {}
    }

    private func history(_ hours: Double, _ database: Database, host: String = "alpha") async throws -> [HostStats] {
        let end = time.now
        let start = end.advanced(by: .microseconds(-Int64(hours * 3_600_000_000)))
        return try await database.read { try $0.hostHistory(host, since: start, until: end) }
    }

    private func count(_ table: String, _ database: Database, _ what: String = "count(*)") async throws -> Int {
        try await database.read { try $0.first("SELECT ifnull(\(what), 0) FROM \(table)") { Int($0.int(0)) } ?? 0 }
    }

    /// The means of equal stretches, the newest first, from the samples themselves.
    private func means(_ samples: [Measured], hours: Int64, unit: Int64, step: Int64) -> [(at: Int64, cpu: Double)] {
        let from = (time.now.microseconds / 1_000_000 - hours * 3600) / unit
        let rows = samples.filter { sample in
            let row = sample.at.microseconds / 1_000_000 / unit
            return (unit == 1 ? row > from : row >= from) && sample.at <= time.now
        }
        let stretches = Dictionary(grouping: rows) { $0.at.microseconds / 1_000_000 / unit / step }
        return stretches.sorted { $0.key > $1.key }.prefix(1000).map { _, samples in
            (
                samples.map(\.at.microseconds).max() ?? 0,
                samples.map(\.cpu).reduce(0, +) / Double(samples.count)
            )
        }
    }

    @Test func everyTierHasTheMeansOfItsSamples() async throws {
        let projection = projection()
        let database = try await open(projection)
        var random = SeededRandom(seed: 7)
        var measured: [Measured] = []
        // Nine days, a sample each half minute: the clock goes with them, and so does the upkeep.
        let begin = time.now
        for hour in 0..<(9 * 24) {
            var samples: [HostSample] = []
            for step in 0..<120 {
                // Never on the second itself, as on a real host.
                let at = begin.advanced(by: .seconds(hour * 3600 + step * 30) + .milliseconds(137))
                let cpu = Double.random(in: 0...100, using: &random)
                measured.append(Measured(at: at, cpu: cpu))
                samples.append(.example(at: at, cpu: cpu))
            }
            time.advance(by: .seconds(3600))
            // Some come late, and in another order.
            samples.shuffle(using: &random)
            try await apply(samples, projection, to: database)
            try await prune(projection, database)
        }
        let tiers: [(hours: Int64, unit: Int64, step: Int64)] = [
            (1, 1, 4), (2, 60, 1), (24, 60, 2), (168, 60, 11), (169, 3600, 1), (8760, 3600, 9),
        ]
        for (hours, unit, step) in tiers {
            let found = try await history(Double(hours), database)
            let wanted = means(measured, hours: hours, unit: unit, step: step)
            #expect(found.count == wanted.count, "\(hours) h")
            #expect(found.count <= 1000)
            let isEqual = zip(found, wanted).allSatisfy { found, wanted in
                found.timestamp.microseconds == wanted.at && abs(found.cpuPercent - wanted.cpu) < 1e-9
                    && abs(found.ramUsed - 3) < 1e-9
            }
            #expect(isEqual, "\(hours) h")
        }
        // Each sample is in the sums of ten minutes or of an hour, and none in both.
        let inTenMinutes = try await count("host_ten_minutes", database, "sum(samples)")
        let inHours = try await count("host_hours", database, "sum(samples)")
        #expect(inTenMinutes + inHours == measured.count)
        #expect(inHours > 0)
        #expect(try await count("host_minutes", database) <= Int(HostHistoryLimits.standard.minutes) + 1)
        #expect(try await count("host_ten_minutes", database) <= Int(HostHistoryLimits.standard.minutes / 10) + 1)
        #expect(try await count("host_seconds", database) <= 121)
        try await database.close()
    }

    @Test func aSampleThatIsAppendedTwiceCountsOnce() async throws {
        let first = projection()
        var database = try await open(first)
        let begin = time.now.advanced(by: .seconds(-50))
        let samples = (0..<50).map { HostSample.example(at: begin.advanced(by: .seconds($0)), cpu: Double($0)) }
        // The worker had no answer to its first ten and sends them again, before what came since.
        try await apply(Array(samples[..<10]), first, to: database)
        try await apply(Array(samples[..<30]), first, to: database)
        try await apply(Array(samples[5..<20] + samples[5..<50]), first, to: database)
        #expect(try await count("host_minutes", database, "sum(samples)") == 50)
        #expect(try await count("host_minutes", database, "sum(cpu)") == (0..<50).reduce(0, +))
        try await database.close()

        // A process that has just started knows them by their seconds.
        let second = projection()
        database = try await open(second)
        try await apply(samples, second, to: database)
        #expect(try await count("host_minutes", database, "sum(samples)") == 50)
        #expect(try await count("host_seconds", database) == 50)
        try await database.close()
    }

    @Test func aRebuildKnowsOldSamplesThatWereAppendedTwice() async throws {
        let projection = projection()
        let database = try await open(projection)
        let begin = time.now.advanced(by: .seconds(-86_400))
        let samples = (0..<300).map { HostSample.example(at: begin.advanced(by: .seconds($0)), cpu: 1) }
        try await apply(Array(samples[..<200]), projection, to: database)
        try await apply(Array(samples[140...]), projection, to: database)
        #expect(try await count("host_minutes", database, "sum(samples)") == 300)
        #expect(try await count("host_seconds", database) == 0)
        // What a failed batch brought is not taken for known.
        let more = (300..<310).map { HostSample.example(at: begin.advanced(by: .seconds($0)), cpu: 1) }
        let records = more.map { sample in
            ProjectionRecord(
                position: LogPosition(partition: 0, offset: 0), key: "alpha", headers: [:], body: sample.json,
                timestamp: 0)
        }
        let poison = ProjectionRecord(
            position: LogPosition(partition: 0, offset: 0), key: "alpha", headers: [:], body: [1], timestamp: 0)
        await #expect(throws: UndecodableRecord.self) {
            try await database.write { connection in
                try projection.apply(
                    ProjectionBatch(source: projection.sources[0], records: records + [poison]), connection)
            }
        }
        try await apply(more, projection, to: database)
        #expect(try await count("host_minutes", database, "sum(samples)") == 310)
        try await database.close()
    }

    @Test func aRecordThatIsDeliveredAgainCountsOnce() async throws {
        let bus = try await EmbeddedBus.open(
            EmbeddedBusConfiguration(folder: folder.path), time: SystemTime(), logger: .silent, metrics: nil)
        let begin = time.now.advanced(by: .seconds(-2 * 86_400))
        // Enough that the offsets alone can tell: older than the seconds, more than the last that are known.
        let samples = (0..<500).map { HostSample.example(at: begin.advanced(by: .seconds($0)), cpu: 1) }
        try await bus.ensure([.log(Topic(StreamNames.hostMetrics))])
        _ = try await bus.log.append(
            samples.map { LogRecord(key: $0.host, value: $0.json) }, to: Topic(StreamNames.hostMetrics))
        try await follow(bus, until: 500)
        // The log now gives everything again, before one record more.
        try await bus.report(.example(at: begin.advanced(by: .seconds(500)), cpu: 1))
        let replaying = Bus(queues: bus.queues, events: bus.events, log: ReplayingLog(base: bus.log)) {}
        try await follow(replaying, until: 501)
        await bus.close()
    }

    /// Follows the log with a new projection until that many samples are counted; they must be no more.
    private func follow(_ bus: Bus, until samples: Int) async throws {
        let projection = projection()
        let database = try await open(projection)
        let runner = ProjectionRunner(
            projections: [projection], bus: bus, database: database, time: SystemTime(), metrics: MetricsRegistry(),
            logger: .silent)
        let running = Task { try await runner.run() }
        try await withDeadline("every sample is counted") {
            while try await count("host_minutes", database, "sum(samples)") < samples { await Task.yield() }
        }
        running.cancel()
        try await running.value
        #expect(try await count("host_minutes", database, "sum(samples)") == samples)
        try await database.close()
    }

    @Test func aClockThatIsFarAheadLeavesNoRows() async throws {
        let projection = projection()
        let database = try await open(projection)
        try await apply(
            [
                .example(at: time.now.advanced(by: .seconds(2 * 86_400))),
                .example(at: time.now.advanced(by: .seconds(5))),
            ], projection, to: database)
        #expect(try await count("host_seconds", database) == 1)
        #expect(try await count("host_minutes", database, "sum(samples)") == 1)
        #expect(try await history(1, database).isEmpty)
        time.advance(by: .seconds(6))
        #expect(try await history(1, database).count == 1)
        try await database.close()
    }

    @Test func whatIsPastItsTimeGoesInSlices() async throws {
        let projection = projection()
        let database = try await open(projection)
        let hosts = ["", "alpha", "beta", "gamma"]
        for host in hosts {
            let samples = (1...1500).map {
                HostSample.example(host: host, at: time.now.advanced(by: .seconds(-2 * $0)), cpu: 50)
            }
            try await apply(samples, projection, to: database)
        }
        #expect(try await count("host_seconds", database) == 6000)
        time.advance(by: .seconds(2 * 3600))
        var left = [6000]
        var hasMore = true
        while hasMore {
            hasMore = try await database.write { try projection.prune($0) }
            left.append(try await count("host_seconds", database))
        }
        let slices = zip(left, left.dropFirst()).map { $0 - $1 }
        #expect(left.last == 0)
        #expect(slices.count > 2)
        #expect(slices.allSatisfy { $0 <= HostRows.pruneLimit }, "\(slices)")
        #expect(try await count("host_minutes", database, "sum(samples)") == 6000)
        #expect(try await count("host_ten_minutes", database, "sum(samples)") == 6000)

        // A week later the hosts are forgotten and their minutes are hours, which stay for a year.
        time.advance(by: .seconds(8 * 86_400))
        try await prune(projection, database)
        #expect(projection.names.isEmpty)
        #expect(try await count("host_latest", database) == 0)
        #expect(try await count("host_minutes", database) == 0)
        #expect(try await count("host_ten_minutes", database) == 0)
        #expect(try await count("host_hours", database, "sum(samples)") == 6000)
        for host in hosts { #expect(try await history(8760, database, host: host).first?.cpuPercent == 50) }
        time.advance(by: .seconds(366 * 86_400))
        try await prune(projection, database)
        #expect(try await count("host_hours", database) == 0)
        try await database.close()
    }
}
