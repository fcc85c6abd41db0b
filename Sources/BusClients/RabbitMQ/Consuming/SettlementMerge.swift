internal import Runtime

/// The deliveries of one channel that are not settled, and settlements that wait to be sent together.
///
/// Delivery tags grow by one. An ack with `multiple` covers everything up to its tag, so it is used up to the oldest
/// delivery that is still open.
struct SettlementMerge {
    private struct Open {
        let enqueuedAt: Timestamp
        /// It is on its way elsewhere: its settlement follows.
        var isHeld = false
    }

    private var open: [UInt64: Open] = [:]
    /// Tags in the order of delivery; settled ones are skipped when they come first.
    private var order = Fifo<UInt64>()
    private var acks: [UInt64] = []
    private var returns: [UInt64] = []

    /// Deliveries that are not settled.
    var count: Int { open.count }

    /// Tags kept, with some that are settled.
    var remembered: Int { order.count }

    /// When the oldest of them was enqueued.
    var oldest: Timestamp? { open.values.lazy.map(\.enqueuedAt).min() }

    mutating func deliver(_ tag: UInt64, enqueuedAt: Timestamp) {
        open[tag] = Open(enqueuedAt: enqueuedAt)
        order.append(tag)
        // A delivery that stays open for long keeps settled ones behind it: they go when they are the most.
        if order.count > 2 * open.count + 1024 { order = Fifo(order.filter { open[$0] != nil }) }
    }

    /// Whether the worker may still settle the delivery.
    func isOpen(_ tag: UInt64) -> Bool { open[tag].map { !$0.isHeld } ?? false }

    /// The worker has settled the delivery; what becomes of it follows.
    mutating func hold(_ tag: UInt64) { open[tag]?.isHeld = true }

    mutating func ack(_ tag: UInt64) {
        if open.removeValue(forKey: tag) != nil { acks.append(tag) }
    }

    mutating func giveBack(_ tag: UInt64) {
        if open.removeValue(forKey: tag) != nil { returns.append(tag) }
    }

    /// What to send now.
    mutating func take() -> [AMQPRequest] {
        while let tag = order.first, open[tag] == nil { _ = order.popFirst() }
        let floor = order.first ?? .max
        // Returns go first: an ack of several must not cover them.
        var requests = returns.map { AMQPRequest.giveBack($0, isMultiple: false) }
        var covered = 0
        var highest: UInt64 = 0
        for tag in acks {
            if tag < floor {
                covered += 1
                highest = max(highest, tag)
            } else {
                requests.append(.ack(tag, isMultiple: false))
            }
        }
        if covered > 0 { requests.append(.ack(highest, isMultiple: covered > 1)) }
        acks.removeAll(keepingCapacity: true)
        returns.removeAll(keepingCapacity: true)
        return requests
    }
}
