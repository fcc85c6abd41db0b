internal import Runtime

/// Reads the dead letters of a queue, and takes some out.
///
/// AMQP has no way to look at a queue: the letters are consumed without being settled, from the first on, and return
/// when the channel is closed. Two readers at a time would hide letters from each other: one runs at a time in this
/// client. They are one consumer's and return together, because that is what keeps their order: RabbitMQ 3.10 gives
/// back what was taken by `basic.get`, or by one `basic.nack` of more than 32, in the order of an Erlang map, which is
/// none.
struct DeadLetterReader: Sendable {
    let queue: QueueName
    let transport: RabbitMQTransport

    /// Letters that can be in hand at a time, so also those that can be reached.
    private static let maximumPrefetch = 65_535
    /// How long the broker may say nothing before what it said is taken for all there is.
    private static let patience: Duration = .seconds(1)

    private var name: String { BrokerNames.dead(queue) }

    /// Letters in the order they died, at most `limit`: what follows the given one, or from the first on when that one
    /// is gone.
    func list(after: DeadLetter.ID?, limit: Int) async throws(BusError) -> [DeadLetter] {
        guard limit > 0 else { return [] }
        return try await transport.locks.run(queue) { () throws(BusError) in
            let search = LetterSearch.page(after: after, limit: limit)
            return try await read(search, atMost: after == nil ? limit : .max) { _ throws(BusError) in false }
        }
    }

    /// Puts letters back at the end of their queue.
    /// - Returns: How many of them there were.
    func replay(_ ids: [DeadLetter.ID]) async throws(BusError) -> Int {
        try await take(ids) { letters throws(BusError) in
            let own = OwnHeaders(sentAt: transport.time.now.microseconds)
            try await transport.publisher.publish(
                letters.map { Outgoing(routingKey: queue.rawValue, message: $0.message, own: own) })
        }
    }

    /// Deletes letters.
    /// - Returns: How many of them there were.
    func drop(_ ids: [DeadLetter.ID]) async throws(BusError) -> Int {
        try await take(ids) { _ throws(BusError) in }
    }

    /// Takes letters out once the body has dealt with them.
    private func take(
        _ ids: [DeadLetter.ID], _ body: @Sendable ([DeadLetter]) async throws(BusError) -> Void
    ) async throws(BusError) -> Int {
        guard !ids.isEmpty else { return 0 }
        return try await transport.locks.run(queue) { () throws(BusError) in
            let found = try await read(.these(Set(ids)), atMost: .max) { letters throws(BusError) in
                try await body(letters)
                return true
            }
            return found.count
        }
    }

    /// Consumes letters until the search has what it looks for.
    /// - Parameter body: Whether what was found is to be deleted.
    private func read(
        _ search: LetterSearch, atMost limit: Int, _ body: @Sendable ([DeadLetter]) async throws(BusError) -> Bool
    ) async throws(BusError) -> [DeadLetter] {
        let all = try await count()
        let expected = min(all, Self.maximumPrefetch, limit)
        guard expected > 0 else { return [] }
        let feed = LetterFeed(
            search, expected: expected, maximumAttempts: transport.topology.options(of: queue)?.maximumAttempts,
            time: transport.time)
        let (letters, removed) = try await transport.consuming.withChannel(sink: feed) { channel throws(BusError) in
            try await channel.call([.setPrefetch(UInt16(clamping: expected)), .consume(name, arguments: [])])
            let found = await feed.result(patience: Self.patience)
            let letters = found.map(\.letter)
            guard try await body(letters) else { return (letters, 0) }
            channel.perform { io in for found in found { io.send(.ack(found.tag, isMultiple: false), on: channel) } }
            await channel.settle()
            return (letters, letters.count)
        }
        try await untilReturned(all - removed)
        return letters
    }

    /// Waits until the broker has taken the letters back, so that whoever looks next finds them. It says so to nobody:
    /// it is asked, for some milliseconds.
    private func untilReturned(_ expected: Int) async throws(BusError) {
        let deadline = transport.time.uptime + Self.patience
        while try await count() < expected, transport.time.uptime < deadline, !Task.isCancelled {}
    }

    private func count() async throws(BusError) -> Int {
        let reply = try await transport.consuming.withChannel { channel throws(BusError) in
            try await channel.call(.declareQueue(name, isPassive: true, arguments: []))
        }
        guard case .queue(let messages, _) = reply else { return 0 }
        return messages
    }
}
