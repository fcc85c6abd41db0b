import BusClients
import Contracts
import Runtime

/// `flotilla queues dead`, `replay` and `drop`: the dead letters of one queue.
enum DeadLetterCommands {
    private static let limit = Option(
        name: "limit", valueName: "N", summary: "At most so many, the oldest first.", defaultText: "50")
    private static let yes = Option(name: "yes", summary: "Yes, drop them all: they cannot be brought back.")
    private static let queue = Positional(name: "QUEUE", summary: "The queue, as 'flotilla queues' names it.")
    private static let ids = Positional(
        name: "ID", summary: "Dead letters, by the number that 'flotilla queues dead' shows.", count: .any)

    /// Dead letters read or settled at a time.
    private static let pageSize = 100

    static let dead = Command(
        name: "dead", summary: "list the dead letters of a queue and why they died",
        positionals: [queue], options: [limit] + ClientOptions.overBus, variables: ClientOptions.variablesOverBus,
        exits: exits,
        examples: [
            .init("flotilla queues dead command.requests", "Number, time, attempts and reason of each."),
            .init("flotilla queues dead command.requests --json --limit 1", "With headers and body."),
        ],
        run: { invocation in
            let limit = try invocation.arguments.integer(of: limit, in: 1...1_000_000) ?? 50
            let queue = QueueName(try invocation.required(Self.queue.name))
            return try await LocalBus.use(invocation) { bus in
                try await list(queue, limit: limit, bus, invocation)
                return .success
            }
        })

    static let replay = Command(
        name: "replay", summary: "put dead letters back at the end of their queue",
        discussion: ["Their attempts start again at 1."],
        positionals: [queue, ids], options: [ClientOptions.all] + ClientOptions.overBus,
        variables: ClientOptions.variablesOverBus, exits: exits,
        examples: [
            .init("flotilla queues replay command.requests 17 18", "Two of them."),
            .init("flotilla queues replay command.requests --all", "All that are there now."),
        ],
        run: {
            try await settle($0, "replayed") { bus, letters, queue in
                try await bus.queues.replay(letters, of: queue)
            }
        })

    static let drop = Command(
        name: "drop", summary: "delete dead letters for good",
        positionals: [queue, ids], options: [ClientOptions.all, yes] + ClientOptions.overBus,
        variables: ClientOptions.variablesOverBus, exits: exits,
        examples: [
            .init("flotilla queues drop command.requests 17", "One of them."),
            .init("flotilla queues drop command.requests --all --yes", "All that are there now."),
        ],
        run: { invocation in
            guard !invocation.arguments.has(ClientOptions.all) || invocation.arguments.has(yes) else {
                throw CommandFailure.usage(
                    "confirmation_needed", "dropping every dead letter cannot be undone: add --yes to do it")
            }
            return try await settle(invocation, "dropped") { bus, letters, queue in
                try await bus.queues.drop(letters, of: queue)
            }
        })

    private static let exits = ClientOptions.exitsOverBus.map {
        $0.code == .notFound ? Command.Exit(.notFound, "there is no such queue, or not every dead letter named") : $0
    }

    private static func list(_ queue: QueueName, limit: Int, _ bus: Bus, _ invocation: Invocation) async throws {
        let console = invocation.console
        var table = TextTable(columns: [
            .init(title: "ID", isRightAligned: true), .init(title: "DIED"),
            .init(title: "ATTEMPTS", isRightAligned: true), .init(title: "MESSAGE"), .init(title: "REASON"),
        ])
        try await forEachPage(of: queue, limit: limit, bus) { page in
            for letter in page {
                if invocation.arguments.has(ClientOptions.json) {
                    try console.line(json(letter))
                } else {
                    table.rows.append([
                        "\(letter.id.rawValue)", TextTable.Cell(letter.diedAt.rfc3339), "\(letter.attempts)",
                        TextTable.Cell(letter.message.id.rawValue.shown(atMost: 40)),
                        TextTable.Cell(letter.reason.shown(atMost: 200)),
                    ])
                }
            }
        }
        guard !invocation.arguments.has(ClientOptions.json) else { return }
        guard !table.rows.isEmpty else { return console.note("\(queue) has no dead letters") }
        for line in table.lines(console.style) { try console.line(line) }
    }

    private static func settle(
        _ invocation: Invocation, _ done: String,
        _ action: (Bus, [DeadLetter.ID], QueueName) async throws -> Int
    ) async throws -> ExitCode {
        let queue = QueueName(try invocation.required(queue.name))
        let isAll = invocation.arguments.has(ClientOptions.all)
        let named = try invocation.arguments.positionals.dropFirst().map(letterID)
        guard isAll != !named.isEmpty else {
            throw CommandFailure.usage("missing_argument", "name dead letters by their ID, or all with --all, not both")
        }
        return try await LocalBus.use(invocation) { bus in
            var letters = named
            if isAll {
                // The ids first: what is replayed may die again meanwhile, and would never end.
                try await forEachPage(of: queue, limit: .max, bus) { letters += $0.map(\.id) }
            }
            var count = 0
            for start in stride(from: 0, to: letters.count, by: pageSize) {
                let page = letters[start..<min(start + pageSize, letters.count)]
                count += try await action(bus, Array(page), queue)
            }
            try report(count, of: letters.count, done, invocation)
            return isAll || count == Set(letters).count ? .success : .notFound
        }
    }

    private static func report(_ count: Int, of asked: Int, _ done: String, _ invocation: Invocation) throws {
        guard invocation.arguments.has(ClientOptions.json) else {
            return try invocation.console.line("\(done) \(count) of \(asked)")
        }
        var writer = JSONWriter()
        writer.object {
            $0.member(done, count)
            $0.member("asked", asked)
        }
        try invocation.console.line(writer.bytes)
    }

    private static func forEachPage(
        of queue: QueueName, limit: Int, _ bus: Bus, _ body: ([DeadLetter]) throws -> Void
    ) async throws {
        var last: DeadLetter.ID?
        var left = limit
        while left > 0 {
            let page = try await bus.queues.deadLetters(of: queue, after: last, limit: min(left, pageSize))
            guard let end = page.last else { return }
            try body(page)
            last = end.id
            left -= page.count
        }
    }

    private static func letterID(_ text: String) throws(CommandFailure) -> DeadLetter.ID {
        guard let number = Int64(text) else {
            throw .usage("invalid_value", "'\(text)' is not the number of a dead letter")
        }
        return DeadLetter.ID(rawValue: number)
    }

    private static func json(_ letter: DeadLetter) -> [UInt8] {
        var writer = JSONWriter(capacity: letter.message.body.count + 256)
        writer.object {
            $0.member("id", letter.id.rawValue)
            $0.member("message_id", letter.message.id.rawValue)
            $0.member("reason", letter.reason)
            $0.member("attempts", letter.attempts)
            $0.member("enqueued_at", letter.enqueuedAt)
            $0.member("died_at", letter.diedAt)
            $0.member(
                "headers",
                object: { writer in
                    for field in letter.message.headers.fields { writer.member(field.name, field.value) }
                })
            $0.member("body", String(decoding: letter.message.body, as: UTF8.self))
        }
        return writer.bytes
    }
}
