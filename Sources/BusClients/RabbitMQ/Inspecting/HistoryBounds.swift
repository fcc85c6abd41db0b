internal import Runtime

/// Finds out where the history of an exchange begins and ends.
///
/// RabbitMQ 3.10 counts the messages of a stream only every 5 seconds, so the events themselves are asked: one that
/// reads from the last chunk on is given all of it, and then what else there is. A chunk comes in one go, so the answer
/// to a request that is sent after its first event comes after its last one.
struct HistoryBounds: Sendable {
    let exchange: ExchangeName
    let transport: RabbitMQTransport

    /// How long an answer may take before the stream is taken for an empty one and given a mark: a mark too many does
    /// no harm.
    private static let patience: Duration = .milliseconds(300)

    /// Marks that may stand before the first event.
    private static let prefetch: UInt16 = 256

    private var stream: String { BrokerNames.history(exchange) }

    func range() async throws(BusError) -> Range<Int64> {
        let next = try await next()
        let first = try await first(before: next)
        return min(first, next)..<next
    }

    /// The offset that the next event will have at least.
    /// - Throws: `.unknownExchange`.
    func next() async throws(BusError) -> Int64 {
        let probe = HistoryProbe { _, _ in true }
        return try await reading("last", probe) { channel throws(BusError) in
            if await !probe.found(within: Self.patience, time: transport.time) {
                try await mark()
                guard await probe.found(within: transport.consuming.callTimeout, time: transport.time) else {
                    throw BusError(.unavailable, "exchange \(exchange): its history cannot be read now")
                }
            }
            try await channel.call(.setPrefetch(.max))
            return probe.highest + 1
        }
    }

    /// The offset of the oldest event that is no mark, or `next`.
    private func first(before next: Int64) async throws(BusError) -> Int64 {
        let probe = HistoryProbe { message, offset in !message.own.isMarker || offset >= next - 1 }
        return try await reading("first", probe) { _ throws(BusError) in
            guard await probe.found(within: transport.consuming.callTimeout, time: transport.time) else {
                throw BusError(.unavailable, "exchange \(exchange): its history cannot be read now")
            }
            return probe.lowest ?? next
        }
    }

    private func reading(
        _ start: String, _ probe: HistoryProbe, _ body: @Sendable (Channel) async throws(BusError) -> Int64
    ) async throws(BusError) -> Int64 {
        do throws(BusError) {
            return try await transport.consuming.withChannel(sink: probe) { channel throws(BusError) in
                // A chunk comes whole whatever the prefetch is; what follows the oldest events is of no interest.
                try await channel.call([
                    .setPrefetch(Self.prefetch),
                    .consume(stream, arguments: [AMQPField("x-stream-offset", .string(start))]),
                ])
                return try await body(channel)
            }
        } catch {
            throw error.code == .unknownQueue
                ? BusError(.unknownExchange, "no exchange is called \(exchange), or it has no history") : error
        }
    }

    private func mark() async throws(BusError) {
        var own = OwnHeaders(sentAt: transport.time.now.microseconds)
        own.isMarker = true
        try await transport.publisher.publish([
            Outgoing(routingKey: stream, message: Message(id: "mark", body: []), own: own, isEvent: true)
        ])
    }
}

/// Looks at offsets as they come until one is what is looked for.
///
/// `@unchecked Sendable`: what changes is written on the link's thread, and read when `isFound` is open and the link has
/// answered since.
final class HistoryProbe: ChannelSink, @unchecked Sendable {
    private let isFound = Latch()
    private let isMeant: (ReceivedMessage, Int64) -> Bool
    private(set) var highest: Int64 = -1
    /// Of those that are no marks.
    private(set) var lowest: Int64?

    init(_ isMeant: @escaping @Sendable (ReceivedMessage, Int64) -> Bool) { self.isMeant = isMeant }

    func delivered(_ message: ReceivedMessage) {
        guard let offset = message.broker.offset else { return }
        highest = max(highest, offset)
        if !message.own.isMarker { lowest = min(lowest ?? offset, offset) }
        if isMeant(message, offset) { isFound.open() }
    }

    /// Waits until it is found.
    func found(within limit: Duration, time: any TimeSource) async -> Bool {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.isFound.wait() }
            // A cancelled sleep ends the wait as well.
            group.addTask { try? await time.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
        return isFound.isOpen
    }
}
