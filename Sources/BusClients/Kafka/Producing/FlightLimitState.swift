/// The pure part of `FlightLimit`: what is taken of the buffer, and who waits, first come first served.
struct FlightLimitState<Waiter> {
    private struct Entry {
        let cost: FlightCost
        let deadline: Duration
        let waiter: Waiter
    }

    let limit: FlightCost
    private(set) var taken = FlightCost(records: 0, bytes: 0)
    private var isClosed = false
    private var lastID: UInt64 = 0
    private var entries: [UInt64: Entry] = [:]
    /// The waiting ones in the order they came, with those that left, from `head` on.
    private var order: [UInt64] = []
    private var head = 0

    init(limit: FlightCost) { self.limit = limit }

    var waiting: Int { entries.count }

    /// What to do with one who comes.
    enum Arrival: Equatable {
        case admitted, closed, mustWait
    }

    mutating func arrive(_ cost: FlightCost) -> Arrival {
        if isClosed { return .closed }
        if entries.isEmpty, fits(cost) {
            taken = taken + cost
            return .admitted
        }
        return .mustWait
    }

    /// An identifier for one who must wait.
    mutating func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    /// Whether the one who came waits now; otherwise it is refused, or admitted after all.
    mutating func register(
        _ waiter: Waiter, id: UInt64, cost: FlightCost, deadline: Duration, isCancelled: Bool
    ) -> FlightVerdict? {
        if isClosed { return .closed }
        if isCancelled { return .cancelled }
        if entries.isEmpty, fits(cost) {
            taken = taken + cost
            return .admitted
        }
        entries[id] = Entry(cost: cost, deadline: deadline, waiter: waiter)
        order.append(id)
        return nil
    }

    /// Gives room back; returns those who go on.
    mutating func release(_ cost: FlightCost) -> [Waiter] {
        taken = taken - cost
        return admit()
    }

    /// The one who no longer waits, if it still did, and those who go on because of that.
    mutating func cancel(_ id: UInt64) -> (cancelled: Waiter?, admitted: [Waiter]) {
        guard let entry = entries.removeValue(forKey: id) else { return (nil, []) }
        return (entry.waiter, admit())
    }

    /// Those whose time is over, and those who go on because of that.
    mutating func expire(at now: Duration) -> (expired: [Waiter], admitted: [Waiter]) {
        var expired: [Waiter] = []
        for id in order[head...] {
            guard let entry = entries[id] else { continue }
            // First come, first expired: all wait equally long.
            guard entry.deadline <= now else { break }
            entries[id] = nil
            expired.append(entry.waiter)
        }
        return (expired, expired.isEmpty ? [] : admit())
    }

    /// Everyone who waits; nobody does any more.
    mutating func close() -> [Waiter] {
        isClosed = true
        let waiters = order[head...].compactMap { entries[$0]?.waiter }
        entries = [:]
        order = []
        head = 0
        return waiters
    }

    private mutating func admit() -> [Waiter] {
        var admitted: [Waiter] = []
        while head < order.count {
            guard let entry = entries[order[head]] else {
                head += 1
                continue
            }
            guard fits(entry.cost) else { break }
            entries[order[head]] = nil
            head += 1
            taken = taken + entry.cost
            admitted.append(entry.waiter)
        }
        if head > 1024, head * 2 > order.count {
            order.removeFirst(head)
            head = 0
        }
        return admitted
    }

    private func fits(_ cost: FlightCost) -> Bool {
        let sum = taken + cost
        return sum.records <= limit.records && sum.bytes <= limit.bytes
    }
}

/// What became of one who waited for room.
enum FlightVerdict: Equatable {
    case admitted, expired, cancelled, closed
}
