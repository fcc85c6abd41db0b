import BusClients
import Contracts
import Runtime

/// `flotilla events`: shows the events of an exchange.
enum EventsCommand {
    private static let follow = Option(
        name: "follow", short: "f", summary: "Go on with what happens from now on, until Ctrl-C.")
    private static let pattern = Option(
        name: "pattern", valueName: "PATTERN", isRepeatable: true,
        summary: "Only events whose routing key matches: '*' is one word, '#' any number.", defaultText: "#")
    private static let exchange = Option(
        name: "exchange", valueName: "NAME", summary: "The exchange.", defaultText: StreamNames.optimizationEvents)
    private static let start = Option(
        name: "from", valueName: "first|next|OFFSET", summary: "Where to start in the retained history.",
        defaultText: "next with --follow, else first")
    private static let limit = Option(name: "limit", valueName: "N", summary: "End after so many events.")

    static let command = Command(
        name: "events", summary: "show or follow the fleet's events",
        discussion: [
            "Reads the bus of the state folder; no token is needed, only the right to read the folder. Without "
                + "--follow it shows the retained history and ends.",
            "Exchanges: \(StreamNames.optimizationEvents), \(StreamNames.commandEvents), \(StreamNames.fleetEvents), "
                + "\(StreamNames.fleetControl).",
        ],
        options: [follow, pattern, exchange, start, limit] + ClientOptions.overBus,
        variables: ClientOptions.variablesOverBus,
        exits: ClientOptions.exitsOverBus + [.init(.interrupted, "--follow ended by Ctrl-C")],
        examples: [
            .init("flotilla events --follow --pattern 'optimization.#'", "Every optimization event as it happens."),
            .init("flotilla events --exchange command_events --json", "The history, a JSON object a line."),
            .init("flotilla events --follow --limit 1 --pattern '*.completed'", "Waits for one event."),
        ],
        run: { try await run($0) })

    private static func run(_ invocation: Invocation) async throws -> ExitCode {
        let arguments = invocation.arguments
        let exchange = ExchangeName(arguments.value(of: Self.exchange) ?? StreamNames.optimizationEvents)
        let patterns = arguments.values(of: pattern).map { TopicPattern($0) }
        let limit = try arguments.integer(of: Self.limit, in: 1 ... .max) ?? .max
        let isFollowing = arguments.has(follow)
        let start = try position(arguments, isFollowing: isFollowing)
        let reader = EventReader(
            exchange: exchange, patterns: patterns.isEmpty ? [.all] : patterns, limit: limit,
            asJSON: arguments.has(ClientOptions.json), console: invocation.console)
        return try await LocalBus.use(invocation) { bus in
            guard isFollowing else {
                try await reader.readHistory(of: bus, from: start, time: invocation.time)
                return .success
            }
            let wasInterrupted = try await Interruption.endsEarly(time: invocation.time) {
                try await reader.follow(bus, from: start)
            }
            return wasInterrupted ? .interrupted : .success
        }
    }

    private static func position(
        _ arguments: ParsedArguments, isFollowing: Bool
    ) throws(CommandFailure) -> HistoryPosition {
        switch arguments.value(of: start) {
        case nil: return isFollowing ? .next : .first
        case "first": return .first
        case "next": return .next
        case let text?:
            guard let offset = Int64(text), offset >= 0 else {
                throw .usage("invalid_value", "--from must be first, next or an offset, not '\(text)'")
            }
            return .offset(offset)
        }
    }
}
