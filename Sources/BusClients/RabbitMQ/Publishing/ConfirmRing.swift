/// Messages that are sent and not confirmed, by the delivery tags 1, 2, 3 … of their channel.
struct ConfirmRing {
    /// One message in the ring.
    struct Entry {
        let unit: PublishUnit
        /// Its place in the unit.
        let index: Int
        let byteCount: Int
        /// It may be in its queue already.
        var isResent = false
        /// It was returned once and is sent again after its queue was declared again.
        var isRepaired = false
        /// The broker had no queue for it.
        var isReturned = false

        /// Nil when nobody waits for it any more.
        var outgoing: Outgoing? { unit.isOver ? nil : unit.messages[index] }
    }

    /// The place of tag `t` is `t & mask`; the tags in the ring are `first ..< next`.
    private var slots: [Entry?]
    private let mask: UInt64
    private var first: UInt64 = 1
    private(set) var next: UInt64 = 1
    /// Entries that are still there: between `first` and `next` some may be confirmed.
    private(set) var count = 0
    private(set) var byteCount = 0
    /// Returned messages come in the order they were sent: the search goes on after the last one.
    private var returnHint: UInt64 = 1

    /// - Parameter minimumCapacity: As many tags as may be open at a time.
    init(minimumCapacity: Int) {
        var capacity = 1
        while capacity < minimumCapacity { capacity *= 2 }
        slots = Array(repeating: nil, count: capacity)
        mask = UInt64(capacity - 1)
    }

    /// Whether the span of open tags leaves a place.
    var hasRoom: Bool { next - first < UInt64(slots.count) }

    /// Adds a message under the next tag.
    /// - Precondition: `hasRoom`.
    mutating func append(_ entry: Entry) {
        slots[Int(next & mask)] = entry
        next += 1
        count += 1
        byteCount += entry.byteCount
    }

    /// Takes out what a confirm covers; unknown tags are ignored.
    mutating func confirm(_ tag: UInt64, isMultiple: Bool, _ body: (Entry) -> Void) {
        guard tag >= first, tag < next else { return }
        var current = isMultiple ? first : tag
        while current <= tag {
            if let entry = take(current) { body(entry) }
            current += 1
        }
        while first < next, slots[Int(first & mask)] == nil { first += 1 }
    }

    /// Marks the oldest such message as returned.
    mutating func markReturned(exchange: String, routingKey: String, id: String) {
        let start = returnHint >= first && returnHint < next ? returnHint : first
        for tag in [start..<next, first..<start].joined() {
            let slot = Int(tag & mask)
            guard let entry = slots[slot], !entry.isReturned, let outgoing = entry.outgoing else { continue }
            guard outgoing.message.id.rawValue == id, outgoing.routingKey == routingKey, outgoing.exchange == exchange
            else { continue }
            slots[slot]?.isReturned = true
            returnHint = tag + 1
            return
        }
    }

    /// Takes everything out, in the order it was sent, and begins with tag 1 again: the channel is gone.
    mutating func removeAll() -> [Entry] {
        var entries: [Entry] = []
        while first < next {
            if let entry = take(first) { entries.append(entry) }
            first += 1
        }
        (first, next, returnHint) = (1, 1, 1)
        return entries
    }

    private mutating func take(_ tag: UInt64) -> Entry? {
        let slot = Int(tag & mask)
        guard let entry = slots[slot] else { return nil }
        slots[slot] = nil
        count -= 1
        byteCount -= entry.byteCount
        return entry
    }
}
