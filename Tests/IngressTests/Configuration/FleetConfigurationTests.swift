import BusClients
import BusTestKit
import Contracts
import Runtime
import SQLiteKit
import Testing

@testable import Ingress

/// Two ingresses' copies of the fleet's configuration on one bus.
@Suite struct FleetConfigurationTests {
    @Test func oneOfManyWritersWinsEachVersion() async throws {
        try await withCopies { copies, _ in
            let outcomes = await withTaskGroup(of: (Int, Bool).self) { group in
                for writer in 0..<40 {
                    group.addTask {
                        do {
                            try await copies[writer % 2].configuration.change(
                                "limits", from: 0, to: Array(#"{"writer":\#(writer)}"#.utf8), by: "\(writer)")
                            return (writer, true)
                        } catch {
                            #expect(error is ConfigurationConflict, "\(error)")
                            return (writer, false)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let winners = outcomes.filter(\.1).map(\.0)
            #expect(winners.count == 1)
            for copy in copies {
                try await copy.configuration.catchUp()
                let setting = try #require(copy.configuration.setting("limits"))
                #expect(setting.version == 1)
                #expect(setting.changedBy == winners.first.map(String.init))
            }
        }
    }

    @Test func concurrentEditsAllCount() async throws {
        try await withCopies { copies, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for editor in 0..<6 {
                    group.addTask {
                        for _ in 0..<5 { try await copies[editor % 2].increment() }
                    }
                }
                try await group.waitForAll()
            }
            for copy in copies {
                try await copy.configuration.catchUp()
                #expect(copy.count == 30)
                #expect(copy.configuration.setting("counter")?.version == 30)
            }
        }
    }

    @Test func saysWhichVersionThereIs() async throws {
        try await withCopies { copies, _ in
            try await copies[0].increment()
            try await copies[0].increment()
            await #expect(throws: ConfigurationConflict(name: "counter", current: 2)) {
                try await copies[0].configuration.change("counter", from: 1, to: nil, by: "late")
            }
        }
    }

    /// What came too late must not be all that is left when the log is compacted.
    @Test func isTheSameWhenItIsReadAgainAfterASweep() async throws {
        try await withCopies { copies, bus in
            for _ in 0..<5 { try await copies[0].increment() }
            // Written past the check of the own copy, as a slower ingress would.
            let late = ConfigurationChange(
                id: "late", setting: "counter", basedOn: 2, value: Array(#"{"count":99}"#.utf8),
                changedAt: SystemTime().now, changedBy: "late")
            _ = try await bus.log.append(
                [LogRecord(key: late.key, value: late.json)], to: Topic(StreamNames.fleetConfiguration))
            try await copies[1].configuration.change("gone", from: 0, to: Array("{}".utf8), by: "x")
            try await copies[1].configuration.change("gone", from: 1, to: nil, by: "x")
            try await copies[0].configuration.catchUp()
            #expect(try await copies[0].surplus(olderThan: .zero).count == 7)
            try await copies[0].sweep(olderThan: .zero)
            #expect(try await copies[0].surplus(olderThan: .zero).isEmpty)
            try await withCopies(of: bus) { again in
                #expect(again.count == 5)
                #expect(again.configuration.setting("counter")?.version == 5)
                #expect(again.configuration.setting("gone") == nil)
                try await again.increment()
                #expect(again.count == 6)
            }
        }
    }

    @Test func skipsWhatItCannotRead() async throws {
        try await withCopies { copies, bus in
            _ = try await bus.log.append(
                [LogRecord(key: "x#1", value: Array("no json".utf8))], to: Topic(StreamNames.fleetConfiguration))
            try await copies[0].increment()
            #expect(copies[0].count == 1)
        }
    }
}

/// One ingress's copy.
private struct ConfigurationCopy: Sendable {
    let configuration: FleetConfiguration
    let accounts: Accounts
    let janitor: ConfigurationJanitor

    var count: Int {
        let value = configuration.setting("counter")?.value
        return value.flatMap { try? JSONDocument(parsing: $0).root["count"]?.int } ?? 0
    }

    func increment() async throws {
        try await configuration.edit("counter", by: "test") { setting in
            let count = try setting?.value.map { try JSONDocument(parsing: $0).root.requiredInt("count") } ?? 0
            return Array(#"{"count":\#(count + 1)}"#.utf8)
        }
    }

    func sweep(olderThan age: Duration) async throws {
        try await janitor.sweep(replacedFor: age, deletedFor: age)
        try await configuration.catchUp()
    }

    func surplus(olderThan age: Duration) async throws -> [String] {
        let end = SystemTime().now.advanced(by: .zero - age)
        return try await janitor.views.read {
            try $0.surplusConfigurationRecords(before: end, deletedBefore: end, limit: 1000)
        }
    }
}

private func withCopies(_ body: @escaping @Sendable ([ConfigurationCopy], Bus) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    let bus = try await EmbeddedBus.open(
        EmbeddedBusConfiguration(folder: folder.path), time: SystemTime(), logger: .silent, metrics: nil)
    try await bus.log.createTopic(
        Topic(StreamNames.fleetConfiguration), TopicOptions(maximumAge: nil, maximumBytes: nil, isCompacted: true))
    try await withCopies(of: bus) { first in
        try await withCopies(of: bus) { second in try await body([first, second], bus) }
    }
    await bus.close()
}

private func withCopies(
    of bus: Bus, _ body: @escaping @Sendable (ConfigurationCopy) async throws -> Void
) async throws {
    let folder = try TemporaryFolder()
    let time = SystemTime()
    let projection = ConfigurationProjection(readers: [], time: time)
    let views = try await ViewsStore.open(
        path: folder.path + "/views.db", projections: [projection], metrics: MetricsRegistry(), logger: .silent)
    let runner = ProjectionRunner(
        projections: [projection], bus: bus, database: views, time: time, metrics: MetricsRegistry(), logger: .silent)
    let configuration = FleetConfiguration(projection: projection, bus: bus, time: time)
    let accounts = Accounts(
        configuration: configuration, directory: AccountDirectory(logger: .silent), hasher: try PasswordHasher(),
        time: time)
    let copy = ConfigurationCopy(
        configuration: configuration, accounts: accounts,
        janitor: ConfigurationJanitor(accounts: accounts, bus: bus, views: views, time: time, logger: .silent))
    try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await runner.run() }
        group.addTask {
            await runner.waitUntilCaughtUp(atMost: .seconds(10))
            try await body(copy)
        }
        try await group.next()
    }
    try await views.close()
}
