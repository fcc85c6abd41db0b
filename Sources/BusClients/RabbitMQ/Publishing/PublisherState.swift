/// The pure part of `Publisher`: what waits, what is sent, and what became of it.
struct PublisherState {
    /// Whether messages can be sent.
    enum Phase: Sendable, Hashable {
        /// No connection: calls fail at once.
        case disconnected(BusError)
        /// The connection stands and its channel is being opened again: calls wait.
        case reopening
        case open
        /// The broker takes nothing: calls fail at once.
        case blocked(String)
        case closed
    }

    typealias Entry = ConfirmRing.Entry

    let maximumCount: Int
    let maximumBytes: Int
    var phase: Phase = .disconnected(BusError(.unavailable, "not connected yet"))
    var ring: ConfirmRing
    /// Messages whose confirm was lost with a channel, in the order they were sent.
    var lost = Fifo<Entry>()
    /// Messages that no queue took, until the topology is declared again; then they wait to be sent once more.
    var parked: [Entry] = []
    var repaired = Fifo<Entry>()
    /// Units with messages that were never sent, in order.
    private(set) var waiting = Fifo<PublishUnit>()
    /// Units in the order of their deadlines; those that are over are skipped.
    private var live = Fifo<PublishUnit>()
    private var completions: [PublishUnit.Completion] = []

    init(maximumCount: Int, maximumBytes: Int) {
        self.maximumCount = max(1, maximumCount)
        self.maximumBytes = max(1, maximumBytes)
        // Twice: confirms out of order leave holes in the span of tags.
        ring = ConfirmRing(minimumCapacity: 2 * max(1, maximumCount))
    }

    /// Messages sent and not confirmed.
    var unconfirmed: Int { ring.count + lost.count + parked.count + repaired.count }

    /// Why a call would fail now; nil when it would not.
    var obstacle: BusError? {
        switch phase {
        case .open, .reopening: nil
        case .disconnected(let error): error
        case .blocked(let reason): BusError(.unavailable, "RabbitMQ takes no messages now: \(reason)")
        case .closed: BusError(.closed, "the bus is closed")
        }
    }

    /// When the first call's time is over.
    var nextDeadline: Duration? { live.first?.deadline }

    /// Takes a call's messages, or ends it at once.
    /// - Returns: Whether the thread that sends must be told: nothing else waits, so it may be asleep.
    mutating func add(_ unit: PublishUnit, _ continuation: CheckedContinuation<PublishOutcome, Never>?) -> Bool {
        if let completion = unit.wait(continuation) {
            completions.append(completion)
            return false
        }
        if let obstacle {
            end(unit, with: obstacle)
            return false
        }
        let isFirst = waiting.isEmpty
        waiting.append(unit)
        live.append(unit)
        return isFirst
    }

    /// The next messages to send, already in the ring under their tags.
    mutating func take(_ limit: Int) -> [Sending] {
        guard phase == .open else { return [] }
        var taken: [Sending] = []
        while taken.count < limit, ring.hasRoom, let entry = nextEntry(), let outgoing = entry.outgoing {
            ring.append(entry)
            taken.append(Sending(outgoing: outgoing, isResent: entry.isResent))
        }
        return taken
    }

    /// A message to send now.
    struct Sending {
        let outgoing: Outgoing
        let isResent: Bool
    }

    /// Withdraws a call of which nothing was sent.
    mutating func cancel(_ unit: PublishUnit) {
        if unit.sent == 0 { end(unit, with: BusError(.unavailable, "cancelled before anything was sent")) }
    }

    /// Ends the calls whose time is over. What they sent stays in the ring until it is confirmed.
    mutating func expire(now: Duration) {
        while let unit = live.first, unit.isOver || unit.deadline <= now {
            _ = live.popFirst()
            end(
                unit,
                with: unit.sent == 0
                    ? BusError(.unavailable, "RabbitMQ has taken nothing in time; nothing was sent")
                    : BusError(
                        .unconfirmed,
                        "RabbitMQ has not confirmed in time; it may or may not have stored what was sent "
                            + "(\(unit.sent) of \(unit.count))"))
        }
    }

    /// The calls that have ended.
    mutating func takeCompletions() -> [PublishUnit.Completion] {
        while let unit = live.first, unit.isOver { _ = live.popFirst() }
        defer { completions.removeAll() }
        return completions
    }

    /// Ends the calls of which nothing was sent.
    mutating func failUnsent(with error: BusError) {
        for unit in waiting where unit.sent == 0 { end(unit, with: error) }
    }

    mutating func close() {
        phase = .closed
        for unit in live {
            let fate = unit.sent == 0 ? "" : "; the broker may or may not have stored what was sent"
            end(unit, with: BusError(.closed, "the bus is closed\(fate)"))
        }
        _ = ring.removeAll()
        (lost, parked, repaired, waiting, live) = (Fifo(), [], Fifo(), Fifo(), Fifo())
    }

    /// A message is durable (nil) or has failed.
    mutating func resolve(_ entry: Entry, _ failure: BusError?) {
        if let completion = entry.unit.resolve(entry.index, failure) { completions.append(completion) }
    }

    private mutating func end(_ unit: PublishUnit, with error: BusError) {
        if let completion = unit.end(with: error) { completions.append(completion) }
    }

    /// What goes next: first what was sent before, in its order, then what was never sent, while the bounds leave room.
    private mutating func nextEntry() -> Entry? {
        while var entry = lost.popFirst() {
            guard !entry.unit.isOver else { continue }
            entry.isResent = true
            return entry
        }
        while let entry = repaired.popFirst() {
            if !entry.unit.isOver { return entry }
        }
        while let unit = waiting.first {
            guard !unit.isOver else {
                _ = waiting.popFirst()
                continue
            }
            let size = unit.messages[unit.sent].byteCount
            let isWithin = unconfirmed < maximumCount && ring.byteCount + size <= maximumBytes
            guard isWithin || unconfirmed == 0 else { return nil }
            unit.sent += 1
            if unit.sent == unit.count { _ = waiting.popFirst() }
            return Entry(unit: unit, index: unit.sent - 1, byteCount: size)
        }
        return nil
    }
}
