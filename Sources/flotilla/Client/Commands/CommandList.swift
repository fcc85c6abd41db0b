import Contracts
import Runtime

/// Asks for commands and shows them.
struct CommandList: Sendable {
    /// Commands of one answer; the service gives no more at once.
    static let pageSize = 1000
    /// Rows of a screen that are not commands: the title, the news, the head, the last line.
    private static let otherRows = 5

    let client: ServiceClient
    /// Parameters, each with an ampersand before it.
    let query: String
    let limit: Int
    let invocation: Invocation

    private var console: Console { invocation.console }
    private var time: any TimeSource { invocation.time }
    private var isJSON: Bool { invocation.arguments.has(ClientOptions.json) }

    /// Prints them as they are now.
    func show() async throws {
        var table = Self.table
        try await forEachPage { page in
            for command in page {
                if isJSON { try console.line(command.minified) } else { table.rows.append(Self.row(command)) }
            }
        }
        guard !isJSON else { return }
        guard !table.rows.isEmpty else { return console.note("there is no such command") }
        for line in table.lines(console.style) { try console.line(line) }
    }

    /// Goes on until it is cancelled. A service that is away for a while does not end it, unless it was never there.
    func watch(every interval: Duration) async throws {
        let isScreen = console.isTerminal && !isJSON
        let count = isScreen ? max(1, TerminalSize.current().rows - Self.otherRows) : Self.pageSize
        let path = path(min(limit, count), cursor: nil)
        var answer = try await client.get(path)
        var problem: String?
        var news = CommandNews()
        let screen = isScreen ? try AlternateScreen(console) : nil
        while !Task.isCancelled {
            let commands = Array(try answer.root.requiredArray("commands").elements)
            if let screen {
                try draw(commands, problem, on: screen)
            } else {
                for command in news.take(commands) {
                    try console.line(isJSON ? String(decoding: command.minified, as: UTF8.self) : line(command))
                }
            }
            try await time.sleep(for: interval)
            do {
                answer = try await client.get(path)
                problem = nil
            } catch let failure as CommandFailure where failure.exit == .unreachable {
                problem = failure.message
            }
        }
    }

    private func forEachPage(_ body: ([JSONValue]) throws -> Void) async throws {
        var left = limit
        var cursor: String?
        while left > 0 {
            let answer = try await client.get(path(min(left, Self.pageSize), cursor: cursor), timeout: .seconds(30))
            let page = Array(try answer.root.requiredArray("commands").elements)
            try body(page)
            left -= page.count
            guard let next = answer.root["next_cursor"]?.string else { return }
            cursor = next
        }
    }

    private func path(_ limit: Int, cursor: String?) -> String {
        let place = cursor.map { "&cursor=\(ServiceURL.percentEncoded($0))" } ?? ""
        return "/api/v1/commands?limit=\(limit)\(query)\(place)"
    }

    private func draw(_ commands: [JSONValue], _ problem: String?, on screen: AlternateScreen) throws {
        let style = console.style
        let title = style.dim("flotilla commands  \(time.now.rfc3339.prefix(19))Z  Ctrl-C ends")
        let news = problem.map { style.yellow("no news: \($0)") } ?? ""
        var table = Self.table
        table.rows = commands.map { Self.row($0) }
        try screen.show([title, news] + table.lines(style))
    }

    private func line(_ command: JSONValue) -> String {
        let status = CommandStatusCommand.paint(Self.text(command, "status"), console.style)
        let error = command["error"]?.string.map { "  \($0.shown(atMost: 200))" } ?? ""
        return "\(Self.text(command, "timestamp"))  \(status)  \(Self.text(command, "request_id"))  "
            + "\(Self.text(command, "device_id"))  \(Self.text(command, "command_type"))\(error)"
    }

    private static var table: TextTable {
        TextTable(columns: [
            .init(title: "ACCEPTED"), .init(title: "STATUS"), .init(title: "DEVICE"), .init(title: "TYPE"),
            .init(title: "REQUEST ID"), .init(title: "ERROR"),
        ])
    }

    private static func row(_ command: JSONValue) -> [TextTable.Cell] {
        let status = text(command, "status")
        let tone: TextTable.Cell.Tone =
            switch status {
            case "acknowledged": .good
            case "accepted", "published": .plain
            default: .bad
            }
        return [
            TextTable.Cell(text(command, "accepted_at")), TextTable.Cell(status, tone),
            TextTable.Cell(text(command, "device_id")), TextTable.Cell(text(command, "command_type")),
            TextTable.Cell((command["request_id"]?.string ?? "").shown(atMost: 255)),
            TextTable.Cell((command["error"]?.string ?? "").shown(atMost: 200)),
        ]
    }

    private static func text(_ command: JSONValue, _ name: String) -> String {
        (command[name]?.string ?? "–").shown(atMost: 60)
    }
}

/// Tells which commands of a page are new or have come to another status; remembers one page.
struct CommandNews {
    private var known: [String: String] = [:]

    /// The oldest first.
    mutating func take(_ page: [JSONValue]) -> [JSONValue] {
        var now: [String: String] = [:]
        var news: [JSONValue] = []
        for command in page.reversed() {
            let (id, status) = (command["request_id"]?.string ?? "", command["status"]?.string ?? "")
            now[id] = status
            if known[id] != status { news.append(command) }
        }
        known = now
        return news
    }
}
