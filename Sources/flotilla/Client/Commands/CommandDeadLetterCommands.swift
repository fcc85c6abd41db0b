import Contracts
import Runtime

/// `flotilla commands dead` and `retry`: jobs of commands that died, over HTTP.
enum CommandDeadLetterCommands {
    private static let path = "/api/v1/commands/dead-letters"
    private static let limit = Option(
        name: "limit", valueName: "N", summary: "At most so many, the oldest first.", defaultText: "50")

    static let dead = Command(
        name: "dead", summary: "list the jobs of commands that no pusher will be given again",
        discussion: ["'flotilla queues dead command.requests' reads them from the bus, with their bodies."],
        options: [limit] + ClientOptions.overHTTP, variables: ClientOptions.variables,
        exits: ClientOptions.exitsOverHTTP.filter { $0.code != .notFound },
        examples: [.init("flotilla commands dead", "Number, time, reason and commands of each.")],
        run: { invocation in
            let limit = try invocation.arguments.integer(of: limit, in: 1...1_000_000) ?? 50
            let client = try ServiceClient(ClientSettings(invocation), time: invocation.time)
            try await list(limit, client, invocation)
            return .success
        })

    static let retry = Command(
        name: "retry", summary: "put dead letters back at the end of the queue",
        discussion: [
            "Their attempts start again at 1. What of them was published is not published again. Needs an "
                + "administrator's token."
        ],
        positionals: [
            Positional(name: "ID", summary: "The number that 'flotilla commands dead' shows.", count: .any)
        ],
        options: ClientOptions.overHTTP, variables: ClientOptions.variables,
        exits: ClientOptions.exitsOverHTTP.map {
            $0.code == .notFound ? .init(.notFound, "one of them is not there: replayed, dropped, or never there") : $0
        },
        examples: [.init("flotilla commands retry 17 18", "Two of them.")],
        run: { invocation in
            var letters: [Int64] = []
            for text in invocation.arguments.positionals {
                guard let number = Int64(text) else {
                    throw CommandFailure.usage("invalid_value", "'\(text)' is not the number of a dead letter")
                }
                letters.append(number)
            }
            guard !letters.isEmpty else {
                throw CommandFailure.usage("missing_argument", "name dead letters by their ID")
            }
            let client = try ServiceClient(ClientSettings(invocation), time: invocation.time)
            for letter in letters {
                let answer = try await client.post("\(path)/\(letter)/replay", [])
                let isJSON = invocation.arguments.has(ClientOptions.json)
                try invocation.console.line(
                    isJSON ? String(decoding: answer.root.minified, as: UTF8.self) : "replayed \(letter)")
            }
            return .success
        })

    private static func list(_ limit: Int, _ client: ServiceClient, _ invocation: Invocation) async throws {
        let console = invocation.console
        let isJSON = invocation.arguments.has(ClientOptions.json)
        var table = TextTable(columns: [
            .init(title: "ID", isRightAligned: true), .init(title: "DIED"),
            .init(title: "ATTEMPTS", isRightAligned: true), .init(title: "COMMANDS", isRightAligned: true),
            .init(title: "FIRST"), .init(title: "REASON"),
        ])
        var left = limit
        var after = ""
        while left > 0 {
            // The service gives no more than 100 at once.
            let answer = try await client.get("\(path)?limit=\(min(left, 100))\(after)").root
            for letter in try answer.requiredArray("dead_letters").elements {
                left -= 1
                if isJSON { try console.line(letter.minified) } else { table.rows.append(row(letter)) }
            }
            guard let next = answer["next_after"]?.int else { break }
            after = "&after=\(next)"
        }
        guard !isJSON else { return }
        guard !table.rows.isEmpty else { return console.note("there are no dead letters of commands") }
        for line in table.lines(console.style) { try console.line(line) }
    }

    private static func row(_ letter: JSONValue) -> [TextTable.Cell] {
        let first = letter["commands"]?.elements.first { _ in true }
        return [
            "\(letter["id"]?.int ?? 0)", TextTable.Cell((letter["died_at"]?.string ?? "").shown(atMost: 40)),
            "\(letter["attempts"]?.int ?? 0)", TextTable.Cell(letter["command_count"]?.int.map(String.init) ?? "–"),
            TextTable.Cell((first?["request_id"]?.string ?? "–").shown(atMost: 60)),
            TextTable.Cell((letter["reason"]?.string ?? "").shown(atMost: 200)),
        ]
    }
}
