import BusClients
import BusTestKit
import Contracts
import Runtime
import SQLiteKit
import Testing

@testable import Ingress

@Suite struct CommandListTests {
    private static let devices = ["d0", "d1", "ä'; --"]
    private static let types = ["reboot", "config"]

    private let folder: TemporaryFolder
    private let time = ManualTime()
    private let projection: CommandProjection

    init() throws {
        folder = try TemporaryFolder()
        projection = CommandProjection(time: time, metrics: MetricsRegistry(), logger: .silent)
    }

    private func open() async throws -> Database {
        try await ViewsStore.open(
            path: "\(folder.path)/views.db", projections: [projection], metrics: MetricsRegistry(), logger: .silent)
    }

    private func apply(_ source: Int, key: String = "", _ bodies: [[UInt8]], to database: Database) async throws {
        let records = bodies.map {
            ProjectionRecord(
                position: LogPosition(partition: 0, offset: 0), key: key, headers: [:], body: $0, timestamp: 0)
        }
        try await database.write { [projection] in
            try projection.apply(ProjectionBatch(source: projection.sources[source], records: records), $0)
        }
    }

    /// What the test knows of a command.
    private struct Known: Hashable {
        let id: String
        let device: String
        let type: String
        let at: Int64
        var state: CommandState
    }

    private func prefix(_ batch: Int) -> String {
        let digits = String(batch, radix: 16)
        return "01936b4e-7c1d-7b5a-9d3e-" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    private func accept(_ batch: Int, _ commands: [Known?], first: Int = 0, to database: Database) async throws {
        let at = commands.compactMap(\.self).first?.at ?? 0
        let accepted = AcceptedBatch(
            prefix: prefix(batch), first: first, acceptedAt: Timestamp(microseconds: at), queue: "q",
            messageID: "m\(batch).\(first)")
        var writer = JSONWriter()
        accepted.write(to: &writer) { writer in
            for command in commands {
                guard let command else {
                    writer.null()
                    continue
                }
                writer.array { writer in
                    writer.string(command.device)
                    writer.string(command.type)
                    writer.string("mqtt")
                    writer.null()
                }
            }
        }
        try await apply(1, key: StreamNames.commandAcceptedBatch, [writer.bytes], to: database)
    }

    /// The line that says so of commands of one job.
    private func published(_ commands: [Known]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("published_at", time.now)
            for name in ["topic", "queue", "message_id"] { writer.member(name, name) }
            writer.member(
                "commands",
                array: { writer in
                    for command in commands {
                        writer.array { writer in
                            for text in [command.id, command.device, command.type, "mqtt"] { writer.string(text) }
                            writer.null()
                            writer.int(command.at)
                            writer.null()
                            writer.int(0)
                            writer.int(7)
                        }
                    }
                })
        }
        return writer.bytes
    }

    private func ended(_ command: Known, _ state: CommandState) -> [UInt8] {
        let at = Timestamp(microseconds: command.at)
        var writer = JSONWriter()
        CommandStatus(
            requestID: command.id, deviceID: command.device, commandType: command.type, deviceProtocol: "mqtt",
            fingerprint: nil, expiresAt: nil,
            history: [
                CommandTransition(.accepted, at: at, evidence: .job(queue: "q", messageID: command.id)),
                CommandTransition(state, at: at, evidence: .reason("why")),
            ]
        ).write(to: &writer)
        return writer.bytes
    }

    private func feedback(_ command: Known, _ word: String) -> [UInt8] {
        Array(
            #"{"command_type":"feedback","request_id":"\#(command.id)","payload":{"status":"\#(word)"}}"#.utf8)
    }

    /// Every page, until there is none.
    private func pages(_ query: CommandQuery, _ database: Database) async throws -> [[CommandStatus]] {
        var query = query
        var pages: [[CommandStatus]] = []
        while pages.count < 10_000 {
            let page = try await database.read { [query] in try $0.commands(query) }
            pages.append(page.commands)
            guard let next = page.next else { return pages }
            // What a client sends back.
            let sent = try #require(CommandCursor(next.text))
            query.cursor = sent
        }
        Issue.record("the list has no end")
        return pages
    }

    private func batch(_ number: Int, _ count: Int, at: Int64, _ random: inout SeededRandom) -> [Known] {
        (0..<count).map { place in
            Known(
                id: CommandID.inBatch(prefix(number), place), device: Self.devices.randomElement(using: &random) ?? "",
                type: Self.types.randomElement(using: &random) ?? "", at: at, state: .accepted)
        }
    }

    @Test(arguments: [1, 2, 3]) func everyListIsWhatIsKnownWhateverComes(seed: UInt64) async throws {
        let database = try await open()
        var random = SeededRandom(seed: seed)
        var known: [Known] = []
        for number in 0..<60 {
            // Some are of the same microsecond, and some were accepted long before they are heard of.
            let at = time.now.microseconds - Int64.random(in: 0..<20, using: &random) * 1_000_000
            var commands = batch(number, Int.random(in: 1...40, using: &random), at: at, &random)
            let heardFirst = Bool.random(using: &random)
            if heardFirst { try await accept(number, commands, to: database) }
            let count = [0, commands.count / 2, commands.count].randomElement(using: &random) ?? 0
            for index in 0..<count { commands[index].state = .published }
            if count > 0 { try await apply(0, [published(Array(commands[..<count]))], to: database) }
            if !heardFirst { try await accept(number, commands, to: database) }
            if let last = commands.indices.last, commands[last].state == .accepted, Bool.random(using: &random) {
                commands[last].state = Bool.random(using: &random) ? .failed : .expired
                try await apply(0, [ended(commands[last], commands[last].state)], to: database)
            } else if count > 0 {
                let word = Bool.random(using: &random) ? "success" : "error"
                commands[0].state = word == "success" ? .acknowledged : .rejected
                try await apply(2, [feedback(commands[0], word)], to: database)
            }
            known += commands
        }
        for device in [nil] + Self.devices.map(Optional.some) + ["none"] {
            for type in [nil, "reboot"] {
                for state in [nil] + CommandState.allCases.map(Optional.some) {
                    var query = CommandQuery(device: device, type: type, state: state)
                    query.limit = Int.random(in: 1...60, using: &random)
                    if Bool.random(using: &random) {
                        query.since = Timestamp(microseconds: time.now.microseconds - 15_000_000)
                        query.until = Timestamp(microseconds: time.now.microseconds - 3_000_000)
                    }
                    let wanted = known.filter { command in
                        (device ?? command.device) == command.device && (type ?? command.type) == command.type
                            && (state ?? command.state) == command.state
                            && (query.since?.microseconds ?? .min) <= command.at
                            && command.at <= (query.until?.microseconds ?? .max)
                    }
                    let found = try await pages(query, database).flatMap(\.self)
                    #expect(found.count == wanted.count, "\(query)")
                    let told = found.map {
                        Known(
                            id: $0.requestID, device: $0.deviceID, type: $0.commandType,
                            at: $0.acceptedAt.microseconds, state: $0.state)
                    }
                    #expect(Set(told) == Set(wanted), "\(query)")
                    #expect(zip(told, told.dropFirst()).allSatisfy { $0.at >= $1.at }, "\(query)")
                }
            }
        }
        try await database.close()
    }

    @Test func aBatchGoesWhenEachOfItsCommandsHasARow() async throws {
        let database = try await open()
        var random = SeededRandom(seed: 1)
        let commands = batch(1, 10, at: time.now.microseconds, &random)
        func batches() async throws -> Int64? {
            try await database.read { try $0.first("SELECT count(*) FROM accepted_batches") { $0.int(0) } }
        }
        // The third has a line of its own.
        try await accept(1, commands.enumerated().map { $0.offset == 2 ? nil : $0.element }, to: database)
        try await apply(0, [published(Array(commands[..<2]) + commands[3..<9])], to: database)
        #expect(try await batches() == 1)
        try await apply(0, [ended(commands[9], .expired)], to: database)
        #expect(try await batches() == 0)
        // Its event once more, and late.
        try await accept(1, commands.enumerated().map { $0.offset == 2 ? nil : $0.element }, to: database)
        #expect(try await batches() == 0)
        try await database.close()
    }

    @Test func aPageFollowsThoseThatWerePublishedMeanwhile() async throws {
        let database = try await open()
        var random = SeededRandom(seed: 1)
        let commands = batch(1, 100, at: time.now.microseconds, &random)
        try await accept(1, commands, to: database)
        var query = CommandQuery()
        query.limit = 30
        let first = try await database.read { [query] in try $0.commands(query) }
        try await apply(0, [published(commands)], to: database)
        query.cursor = first.next
        let rest = try await pages(query, database).flatMap(\.self)
        // None is left out; those of the first page have come further.
        #expect(first.commands.map(\.requestID) == commands.reversed().prefix(30).map(\.id))
        #expect(first.commands.allSatisfy { $0.state == .accepted })
        #expect(rest.map(\.requestID) == commands.reversed().map(\.id))
        #expect(rest.allSatisfy { $0.state == .published })
        try await database.close()
    }

    @Test func aSearchInVainEndsPageByPage() async throws {
        let database = try await open()
        var random = SeededRandom(seed: 1)
        var commands: [Known] = []
        for number in 0..<25 {
            let some = batch(number, 1000, at: time.now.microseconds + Int64(number), &random)
            try await apply(0, [published(some)], to: database)
            commands += some
        }
        let found = try await pages(CommandQuery(state: .accepted), database)
        #expect(found.count == 2)
        #expect(found.allSatisfy { $0.isEmpty })
        let rare = try #require(commands.first)
        try await apply(2, [feedback(rare, "error")], to: database)
        let rejected = try await pages(CommandQuery(state: .rejected), database)
        #expect(rejected.map { $0.map(\.requestID) } == [[rare.id]])
        let plan = try await database.read { connection in
            try connection.query("EXPLAIN QUERY PLAN \(CommandRows.endings)", nil, 0, 0, 0, 0) { $0.text(3) }
        }
        #expect(plan.count == 1)
        #expect(plan.first?.contains("COVERING INDEX commands_by_end (ending=?") == true, "\(plan)")
        try await database.close()
    }

    @Test func rowsOfAnOlderVersionGetTheirBlocks() async throws {
        var random = SeededRandom(seed: 1)
        let commands = batch(1, 3000, at: time.now.microseconds, &random)
        let database = try await open()
        try await apply(0, [published(commands)], to: database)
        try await database.write { connection in
            try connection.run("DELETE FROM command_blocks")
            try connection.run("DELETE FROM commands WHERE id = 7")
        }
        while try await database.write({ try $0.indexCommands(limit: 700) }) {}
        let found = try await pages(CommandQuery(device: "d1"), database).flatMap(\.self)
        #expect(
            found.map(\.requestID)
                == commands.filter { $0.device == "d1" && $0.id != commands[6].id }.reversed().map(\.id))
        // A view that lost all its rows counts them from 1 again.
        _ = try await database.write { try $0.run("DELETE FROM commands") }
        try await apply(0, [published(Array(commands[..<5]))], to: database)
        let left = try await pages(CommandQuery(), database).flatMap(\.self)
        #expect(left.count == 5)
        time.advance(by: CommandProjection.retention + .seconds(1))
        while try await database.write({ [projection] in try projection.prune($0) }) {}
        let rows = try await database.read { connection in
            try ["commands", "command_blocks", "accepted_batches"].map { table in
                try connection.first("SELECT count(*) FROM \(table)") { $0.int(0) }
            }
        }
        #expect(rows == [0, 0, 0])
        try await database.close()
    }

    @Test func cursorsAreReadAsTheyAreWritten() {
        for cursor in [CommandCursor.row(at: 1, id: "ä b&c"), .waiting(at: -5, id: "x"), .time(.max)] {
            #expect(CommandCursor(cursor.text) == cursor)
            #expect(cursor.text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        }
        for text in ["", "r1x", "t1x61", "q1x61", "r1x6", "rax61", "r1xzz", "r1" + String(repeating: "x", count: 9999)]
        {
            #expect(CommandCursor(text) == nil, "\(text)")
        }
    }
}
