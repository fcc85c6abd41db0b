import Contracts
import Runtime

/// Asks for the hosts and shows them.
struct TopView: Sendable {
    /// Hosts of one answer; the service gives no more at once.
    static let maximumHosts = 10_000
    /// How long `--once` waits for a first host: a worker that has just started takes a sample a second.
    private static let firstHostDeadline: Duration = .seconds(5)
    /// Rows of a screen that are not hosts: the title, the counts, the head, what is left out, the last line.
    private static let otherRows = 6

    let client: ServiceClient
    let query: String
    let invocation: Invocation
    let interval: Duration

    private var console: Console { invocation.console }
    private var time: any TimeSource { invocation.time }

    /// Prints the hosts as they are now.
    func once() async throws -> ExitCode {
        let deadline = time.uptime + Self.firstHostDeadline
        var fleet = try await fetch()
        while fleet.counts.total == 0, time.uptime < deadline {
            try await time.sleep(for: .milliseconds(200))
            fleet = try await fetch()
        }
        guard fleet.counts.total > 0 else {
            throw CommandFailure(
                .notFound, "no_hosts", "no host has reported", hint: "Is a metrics worker running?")
        }
        try printAll(fleet)
        return .success
    }

    /// Goes on until it is cancelled. A service that is away for a while does not end it, unless it was never there.
    func live() async throws {
        var fleet = try await fetch()
        var problem: String?
        let screen =
            console.isTerminal && !invocation.arguments.has(ClientOptions.json) ? try AlternateScreen(console) : nil
        while !Task.isCancelled {
            if let screen {
                try draw(fleet, problem, on: screen)
            } else if problem == nil {
                try printAll(fleet)
            }
            try await time.sleep(for: interval)
            do {
                fleet = try await fetch()
                problem = nil
            } catch let failure as CommandFailure where failure.exit == .unreachable {
                problem = failure.message
            }
        }
    }

    private func fetch() async throws -> FleetTable {
        try FleetTable(try await client.get("/api/v1/hosts" + query).root)
    }

    private func printAll(_ fleet: FleetTable) throws {
        guard !invocation.arguments.has(ClientOptions.json) else {
            for host in fleet.hosts { try console.line(host.json) }
            return
        }
        for line in fleet.lines(now: time.now, style: console.style) { try console.line(line) }
    }

    private func draw(_ fleet: FleetTable, _ problem: String?, on screen: AlternateScreen) throws {
        let style = console.style
        let now = time.now
        let title = style.dim("flotilla top  \(now.rfc3339.prefix(19))Z  Ctrl-C ends")
        let news = problem.map { style.yellow("no news: \($0)") } ?? ""
        let fitting = max(1, TerminalSize.current().rows - Self.otherRows)
        try screen.show([title, news] + fleet.lines(now: now, style: style, atMost: fitting))
    }
}
