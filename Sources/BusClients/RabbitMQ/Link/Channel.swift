internal import Runtime

/// One AMQP channel, from its opening until it or its connection ends.
///
/// `@unchecked Sendable`: what changes is only touched on the thread of its link; everything else goes through calls
/// that are handed over to it.
final class Channel: @unchecked Sendable {
    let link: Link
    /// Given its traffic; nil for a channel that only asks and is answered.
    let sink: (any ChannelSink)?

    // On the link's thread only.
    var number: UInt16 = 0
    /// Why it is closed; nil while it is open.
    var end: BusError? = BusError(.unavailable, "the channel is not open yet")
    /// What the broker will answer next, in order.
    var calls = Fifo<PendingCall>()
    var content: ContentAssembly?
    var isTouched = false
    var isClosing = false
    var isReadingStream = false

    private init(link: Link, sink: (any ChannelSink)?) {
        self.link = link
        self.sink = sink
    }

    /// Opens a channel on the link's current connection.
    static func open(on link: Link, sink: (any ChannelSink)? = nil) async throws(BusError) -> Channel {
        if link.gate.epoch == nil, let obstacle = link.gate.obstacle { throw obstacle }
        let channel = Channel(link: link, sink: sink)
        _ = try await channel.call([.openChannel]) { io throws(BusError) in try io.register(channel) }
        return channel
    }

    /// Sends requests one after the other and returns the broker's answers.
    /// - Throws: The first refusal, which also ends the channel; or why there is no connection or no answer in time.
    @discardableResult
    func call(_ requests: [AMQPRequest], within limit: Duration? = nil) async throws(BusError) -> [AMQPReply] {
        try await call(requests, within: limit) { _ throws(BusError) in }
    }

    /// As `call` for one request.
    @discardableResult
    func call(_ request: AMQPRequest) async throws(BusError) -> AMQPReply {
        try await call([request]).first ?? .done
    }

    /// Runs on the link's thread while the channel is open; does nothing afterwards.
    func perform(_ work: @escaping @Sendable (LinkIO) -> Void) {
        link.inbox.add { io in
            if let io, self.end == nil, !self.isClosing { work(io) }
        }
    }

    /// Closes the channel: the broker takes back what is not settled. Returns when it has, or the connection is gone.
    func close() async {
        // A channel that is gone already is closed.
        do { try await call(.closeChannel) } catch {}
    }

    /// Ends the channel's consumer and returns when what it has settled is in effect.
    ///
    /// Behind a channel with more than 32 settlements on their way to a quorum queue RabbitMQ (3.10) keeps further ones
    /// back, and loses them when the channel is closed. The end of the consumer waits until the queue has caught up,
    /// and the request after it until the channel has sent what it had kept back.
    func settle() async {
        // A channel that is gone has settled what it could.
        do { try await call([.cancel, .setPrefetch(1)]) } catch {}
    }

    /// As `close`, without waiting.
    func closeSoon() {
        perform { io in io.closeSilently(self) }
    }

    private func call(
        _ requests: [AMQPRequest], within limit: Duration? = nil,
        before prepare: @escaping @Sendable (LinkIO) throws(BusError) -> Void
    ) async throws(BusError) -> [AMQPReply] {
        guard !requests.isEmpty else { return [] }
        let result: Result<[AMQPReply], BusError> = await withCheckedContinuation { continuation in
            link.inbox.add { io in
                do throws(BusError) {
                    guard let io else { throw self.link.gate.obstacle ?? BusError(.unavailable, "not connected") }
                    try prepare(io)
                    if let end = self.end { throw end }
                    let deadline = io.now + (limit ?? self.link.callTimeout)
                    io.call(self, CallGroup(requests, deadline: deadline, continuation))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}

extension Link {
    /// Runs the body with a channel of its own, which is closed at the end.
    func withChannel<R: Sendable>(
        sink: (any ChannelSink)? = nil, _ body: (Channel) async throws(BusError) -> R
    ) async throws(BusError) -> R {
        let channel = try await Channel.open(on: self, sink: sink)
        do throws(BusError) {
            let result = try await body(channel)
            await channel.close()
            return result
        } catch {
            channel.closeSoon()
            throw error
        }
    }
}

/// An answer that a channel waits for.
struct PendingCall {
    /// Nil when nobody waits any more.
    var group: CallGroup?
    let request: AMQPRequest
}

/// Requests of one caller; used on the link's thread only.
final class CallGroup {
    let requests: [AMQPRequest]
    /// By the link's `uptime`.
    let deadline: Duration
    private var replies: [AMQPReply] = []
    private var continuation: CheckedContinuation<Result<[AMQPReply], BusError>, Never>?

    init(
        _ requests: [AMQPRequest], deadline: Duration,
        _ continuation: CheckedContinuation<Result<[AMQPReply], BusError>, Never>
    ) {
        self.requests = requests
        self.deadline = deadline
        self.continuation = continuation
    }

    func add(_ reply: AMQPReply) {
        replies.append(reply)
        if replies.count == requests.count { finish(.success(replies)) }
    }

    func fail(_ error: BusError) { finish(.failure(error)) }

    private func finish(_ result: Result<[AMQPReply], BusError>) {
        continuation?.resume(returning: result)
        continuation = nil
    }
}
