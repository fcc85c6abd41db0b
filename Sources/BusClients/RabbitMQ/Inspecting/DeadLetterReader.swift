internal import Runtime

/// Reads the dead letters of a queue, and takes some out.
///
/// AMQP has no way to look at a queue: the letters are taken without being settled, from the first on, and given back,
/// so they keep their order. Two readers at a time would hide letters from each other: one runs at a time in this
/// client.
struct DeadLetterReader: Sendable {
    let queue: QueueName
    let transport: RabbitMQTransport

    /// Letters asked for at a time.
    private static let page = 32

    /// Letters in the order they died, at most `limit`: what follows the given one, or from the first on when that one
    /// is gone.
    func list(after: DeadLetter.ID?, limit: Int) async throws(BusError) -> [DeadLetter] {
        guard limit > 0 else { return [] }
        return try await withChannel { channel throws(BusError) in
            var letters: [DeadLetter] = []
            var isPast = after == nil
            var last: UInt64 = 0
            while let page = try await next(on: channel) {
                for (tag, letter) in page {
                    last = tag
                    if letter.id == after {
                        letters = []
                        isPast = true
                    } else if letters.count < limit {
                        letters.append(letter)
                    }
                }
                if isPast, letters.count == limit { break }
            }
            giveBack(upTo: last, on: channel)
            return letters
        }
    }

    /// Puts letters back at the end of their queue.
    /// - Returns: How many of them there were.
    func replay(_ ids: [DeadLetter.ID]) async throws(BusError) -> Int {
        try await take(Set(ids)) { letters throws(BusError) in
            let own = OwnHeaders(sentAt: transport.time.now.microseconds)
            try await transport.publisher.publish(
                letters.map { Outgoing(routingKey: queue.rawValue, message: $0.message, own: own) })
        }
    }

    /// Deletes letters.
    /// - Returns: How many of them there were.
    func drop(_ ids: [DeadLetter.ID]) async throws(BusError) -> Int {
        try await take(Set(ids)) { _ throws(BusError) in }
    }

    /// Takes letters out once the body has dealt with them.
    private func take(
        _ ids: Set<DeadLetter.ID>, _ body: @Sendable ([DeadLetter]) async throws(BusError) -> Void
    ) async throws(BusError) -> Int {
        guard !ids.isEmpty else { return 0 }
        return try await withChannel { channel throws(BusError) in
            var found: [(tag: UInt64, letter: DeadLetter)] = []
            var missing = ids
            var lastKept: UInt64 = 0
            while !missing.isEmpty, let page = try await next(on: channel) {
                for (tag, letter) in page {
                    if missing.remove(letter.id) != nil { found.append((tag, letter)) } else { lastKept = tag }
                }
            }
            try await body(found.map(\.letter))
            let tags = found.map(\.tag)
            channel.perform { io in for tag in tags { io.send(.ack(tag, isMultiple: false), on: channel) } }
            giveBack(upTo: lastKept, on: channel)
            return found.count
        }
    }

    /// The next letters with their tags, nil at the end.
    private func next(on channel: Channel) async throws(BusError) -> [(tag: UInt64, letter: DeadLetter)]? {
        let request = AMQPRequest.get(BrokerNames.dead(queue))
        let replies = try await channel.call(Array(repeating: request, count: Self.page))
        let limit = transport.topology.options(of: queue)?.maximumAttempts
        let letters = replies.compactMap { reply -> (UInt64, DeadLetter)? in
            guard case .message(let message) = reply else { return nil }
            return (message.tag, DeadLetter(message, maximumAttempts: limit, now: transport.time.now))
        }
        return letters.isEmpty ? nil : letters
    }

    /// In words, though closing the channel does it too: a reader that comes next then finds everything in place.
    private func giveBack(upTo tag: UInt64, on channel: Channel) {
        guard tag > 0 else { return }
        channel.perform { io in io.send(.giveBack(tag, isMultiple: true), on: channel) }
    }

    private func withChannel<R: Sendable>(
        _ body: @Sendable (Channel) async throws(BusError) -> R
    ) async throws(BusError) -> R {
        try await transport.locks.run(queue) { () throws(BusError) in
            try await transport.consuming.withChannel { channel throws(BusError) in try await body(channel) }
        }
    }
}
