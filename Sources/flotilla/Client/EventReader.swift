import BusClients
import Contracts
import Runtime
import Synchronization

/// Reads the events of an exchange and prints them.
struct EventReader: Sendable {
    var exchange: ExchangeName
    var patterns: [TopicPattern]
    /// Ends after so many events.
    var limit: Int
    var asJSON: Bool
    var console: Console

    /// How long the history is waited for when the event it should end with does not come: retention may delete that
    /// event after its offset was read.
    private static let patience: Duration = .seconds(1)

    /// Prints events as they happen; ends at the limit, when cancelled, or when the bus closes.
    func follow(_ bus: Bus, from start: HistoryPosition) async throws {
        var left = limit
        for try await batch in try await bus.events.subscribe(to: exchange, matching: patterns, from: start) {
            for event in batch {
                try show(event)
                left -= 1
                if left == 0 { return }
            }
        }
    }

    /// Prints what is retained now, and ends.
    func readHistory(of bus: Bus, from start: HistoryPosition, time: any TimeSource) async throws {
        let retained = try await bus.events.history(of: exchange)
        let first =
            switch start {
            case .first: retained.lowerBound
            case .next: retained.upperBound
            case .offset(let offset): max(offset, retained.lowerBound)
            }
        guard first < retained.upperBound else { return }
        // Every key is read, so that the last offset is seen whatever the patterns are.
        let events = try await bus.events.subscribe(to: exchange, matching: [.all], from: .offset(first))
        let progress = Progress()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await show(events, upTo: retained.upperBound - 1, progress) }
            group.addTask {
                var seen = -1
                while seen != progress.batches.load(ordering: .relaxed) {
                    seen = progress.batches.load(ordering: .relaxed)
                    try await time.sleep(for: Self.patience)
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func show(_ events: Events, upTo last: Int64, _ progress: Progress) async throws {
        var left = limit
        for try await batch in events {
            progress.batches.add(1, ordering: .relaxed)
            for event in batch {
                guard event.offset <= last else { return }
                if patterns.contains(where: { $0.matches(event.routingKey) }) {
                    try show(event)
                    left -= 1
                }
                if left == 0 || event.offset == last { return }
            }
        }
    }

    private func show(_ event: RecordedEvent) throws {
        if asJSON {
            try console.line(Self.json(event, of: exchange))
        } else {
            for line in Self.lines(event, console.style) { try console.line(line) }
        }
    }

    /// One JSON object; a body of several JSON lines becomes an array, one that is not JSON a string.
    static func json(_ event: RecordedEvent, of exchange: ExchangeName) -> [UInt8] {
        var writer = JSONWriter(capacity: event.message.body.count + 256)
        writer.object {
            $0.member("exchange", exchange.rawValue)
            $0.member("offset", event.offset)
            $0.member("routing_key", event.routingKey.rawValue)
            $0.member("published_at", event.publishedAt)
            $0.member("id", event.message.id.rawValue)
            $0.member(
                "headers",
                object: { writer in
                    for field in event.message.headers.fields { writer.member(field.name, field.value) }
                })
            let parts = documents(event.message.body)
            switch parts?.count {
            case nil: $0.member("body", String(decoding: event.message.body, as: UTF8.self))
            case 1: $0.member("body", raw: parts?.first?.root.minified)
            default: $0.member("body", array: { writer in parts?.forEach { writer.raw($0.root) } })
            }
        }
        return writer.bytes
    }

    /// A line for each JSON line of the body.
    static func lines(_ event: RecordedEvent, _ style: TextStyle) -> [String] {
        let key = event.routingKey.rawValue.shown(atMost: 255)
        let head = "\(style.dim(event.publishedAt.rfc3339))  \(style.cyan(key))"
        guard let parts = documents(event.message.body) else {
            return ["\(head)  \(String(decoding: event.message.body, as: UTF8.self).shown(atMost: 2000))"]
        }
        return parts.map { part in
            // The body of an optimization event says its type and time again: only who and what are news.
            if let data = part.root["data"], let agent = part.root["agent"]?.string {
                return "\(head)  \(style.dim(agent.shown(atMost: 255)))  \(compact(data))"
            }
            return "\(head)  \(compact(part.root))"
        }
    }

    private static func compact(_ value: JSONValue) -> String {
        String(decoding: value.minified, as: UTF8.self).shown(atMost: 2000)
    }

    /// The JSON values of the body, one a line; nil when one of them is none.
    private static func documents(_ body: [UInt8]) -> [JSONDocument]? {
        if let whole = try? JSONDocument(parsing: body) { return [whole] }
        let lines = body.split(separator: UInt8(ascii: "\n"))
        let documents = lines.compactMap { try? JSONDocument(parsing: $0) }
        return documents.isEmpty || documents.count < lines.count ? nil : documents
    }

    /// How far the reader of the history has come.
    private final class Progress: Sendable {
        let batches = Atomic<Int>(0)
    }
}
