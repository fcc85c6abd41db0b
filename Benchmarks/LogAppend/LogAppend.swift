import BusClients
import Glibc
import Runtime

/// Appends to an embedded message log from many tasks that each wait for their record to be durable, and prints
/// appends/s and fsyncs/s as JSON.
///
/// usage: LogAppend FOLDER SECONDS
@main
enum LogAppend {
    private static let writers = 64
    private static let recordBytes = 300
    private static let topic: Topic = "benchmark"

    static func main() async throws {
        guard CommandLine.arguments.count == 3, let seconds = Double(CommandLine.arguments[2]) else {
            print("usage: LogAppend FOLDER SECONDS")
            exit(2)
        }
        let metrics = MetricsRegistry()
        let bus = try await EmbeddedBus.open(
            EmbeddedBusConfiguration(folder: CommandLine.arguments[1]), time: SystemTime(), logger: .silent,
            metrics: metrics)
        try await bus.log.createTopic(topic, TopicOptions())

        let clock = ContinuousClock()
        let commitsBefore = try commits(metrics)
        let start = clock.now
        let deadline = start.advanced(by: .seconds(seconds))
        let appends = try await append(to: bus.log, until: deadline)
        let elapsed = start.duration(to: clock.now) / .seconds(1)
        let commits = try commits(metrics) - commitsBefore
        await bus.close()
        print(
            "{\"appends_per_second\": \(Int(Double(appends) / elapsed)), "
                + "\"fsyncs_per_second\": \(Int(commits / elapsed))}")
    }

    /// Runs the writers; returns how many records they appended together.
    private static func append(to log: any MessageLog, until deadline: ContinuousClock.Instant) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    let record = LogRecord(
                        key: "writer-\(writer)", value: [UInt8](repeating: UInt8(ascii: "x"), count: recordBytes))
                    var count = 0
                    while ContinuousClock.now < deadline {
                        _ = try await log.append([record], to: topic)
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
    }

    /// The commits so far: with full durability each is one fsync.
    private static func commits(_ metrics: MetricsRegistry) throws -> Double {
        let series = "sqlite_commits_total{database=\"bus\"} "
        for line in metrics.render().split(separator: "\n") where line.hasPrefix(series) {
            if let value = Double(line.dropFirst(series.count)) { return value }
        }
        throw MissingFigure(series: series)
    }

    /// The bus no longer counts what this benchmark prints.
    private struct MissingFigure: Error {
        let series: String
    }
}
