/// What the publisher's channel says.
extension PublisherState {
    /// A channel is there, and counts from tag 1.
    mutating func open() {
        if phase != .closed { phase = .open }
    }

    /// The channel is gone: what it had not confirmed is sent again on the next one, marked.
    /// - Parameter isReopening: Whether the connection still stands.
    mutating func lose(_ error: BusError, isReopening: Bool) {
        guard phase != .closed else { return }
        lost.prepend(ring.removeAll().filter { !$0.unit.isOver })
        if isReopening {
            phase = .reopening
        } else {
            phase = .disconnected(error)
            failUnsent(with: error)
        }
    }

    /// The broker has ended the channel over some message: those that are meant fail; all that are open, when none is.
    mutating func failOpen(_ error: BusError, where isMeant: (Outgoing) -> Bool) {
        let open = ring.removeAll().filter { !$0.unit.isOver }
        let meant = open.map { entry in entry.outgoing.map(isMeant) ?? false }
        let isAnyMeant = meant.contains(true)
        var kept: [Entry] = []
        for (entry, isMeant) in zip(open, meant) {
            if isMeant || !isAnyMeant { resolve(entry, error) } else { kept.append(entry) }
        }
        lost.prepend(kept)
    }

    /// The broker takes no messages, and why; or takes them again (nil).
    mutating func block(_ reason: String?) {
        switch (phase, reason) {
        case (.open, .some(let reason)), (.blocked, .some(let reason)):
            phase = .blocked(reason)
            if let obstacle { failUnsent(with: obstacle) }
        case (.blocked, nil): phase = .open
        default: break
        }
    }

    mutating func markReturned(_ message: ReceivedMessage) {
        ring.markReturned(exchange: message.exchange, routingKey: message.routingKey, id: message.id)
    }

    /// What confirms have settled.
    struct Confirmed {
        var accepted = 0
        var returned = 0
        var refused = 0
    }

    /// - Parameter canRepair: Whether the place a returned message was for is known, so that it can be declared again.
    mutating func confirm(_ confirm: Confirm, canRepair: (Outgoing) -> Bool, _ counts: inout Confirmed) {
        var entries: [Entry] = []
        ring.confirm(confirm.tag, isMultiple: confirm.isMultiple) { entries.append($0) }
        for entry in entries {
            if !confirm.isAccepted {
                counts.refused += 1
                resolve(entry, BusError(.queueFull, "RabbitMQ refused the message: a queue is full or cannot store it"))
            } else if !entry.isReturned {
                counts.accepted += 1
                resolve(entry, nil)
            } else {
                counts.returned += 1
                guard let outgoing = entry.outgoing else { continue }
                if !entry.isRepaired, canRepair(outgoing) {
                    parked.append(entry)
                } else {
                    resolve(entry, Self.unroutable(outgoing))
                }
            }
        }
    }

    /// Places were declared again, or could not be: messages for them are sent once more, or fail.
    /// - Parameter outcome: Nil for a place that was not tried: its messages stay parked.
    mutating func repair(_ outcome: (Outgoing) -> BusError??) {
        let entries = parked
        parked = []
        for var entry in entries {
            guard let outgoing = entry.outgoing else { continue }
            switch outcome(outgoing) {
            case nil: parked.append(entry)
            case .some(.some(let failure)): resolve(entry, failure)
            case .some(nil):
                entry.isRepaired = true
                entry.isReturned = false
                repaired.append(entry)
            }
        }
    }

    private static func unroutable(_ outgoing: Outgoing) -> BusError {
        outgoing.exchange.isEmpty
            ? BusError(.unknownQueue, "no queue is called \(outgoing.routingKey)")
            : BusError(.unknownExchange, "no queue of exchange \(outgoing.exchange) takes the message")
    }
}

/// What the broker has confirmed or refused: one tag, or all up to it.
struct Confirm: Sendable, Hashable {
    var tag: UInt64
    var isMultiple: Bool
    var isAccepted: Bool
}
