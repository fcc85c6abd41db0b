internal import Runtime
internal import Synchronization

/// Sends messages over one connection and tells when they are durable.
///
/// At most so many messages and bytes are sent and not confirmed; calls beyond wait in their order. When a connection is
/// lost, what it had not confirmed is sent again on the next one, marked with `x-flotilla-resent`, until the call's time
/// is over: then nobody knows, and the call says so. Nothing counts as durable without the broker's confirm.
final class Publisher: LinkUser {
    let link: Link
    private let topology: Topology
    private let state: Mutex<PublisherState>
    private let onThread = PublisherThreadState()
    /// Raised when a call waits and nobody watches its deadline, when the channel must be opened again, and when
    /// messages wait for the topology.
    private let attention = Signal()
    private let isWatching = Mutex(false)
    private let tasks = Mutex<[Task<Void, Never>]>([])

    /// Messages that are sent between two looks at what has come.
    private static let messagesPerTurn = 1024

    init(link: Link, topology: Topology) {
        self.link = link
        self.topology = topology
        state = Mutex(
            PublisherState(
                maximumCount: link.configuration.maximumUnconfirmed,
                maximumBytes: link.configuration.maximumUnconfirmedBytes))
    }

    func start() {
        tasks.withLock {
            $0 = [Task { await self.watchDeadlines() }, Task { await self.mend() }]
        }
    }

    /// Ends every call with `.closed`.
    func close() {
        for task in tasks.withLock({ $0 }) { task.cancel() }
        update { $0.close() }
    }

    /// Publishes messages in their order; returns once all are durable.
    /// - Throws: The first failure by place; others of the messages may have been published.
    func publish(_ messages: [Outgoing]) async throws(BusError) {
        let outcome = await deliver(messages)
        if let first = outcome.keys.min(), let failure = outcome[first] { throw failure }
    }

    /// Publishes messages in their order and tells of each what became of it.
    func deliver(_ messages: [Outgoing]) async -> PublishOutcome {
        guard !messages.isEmpty else { return [:] }
        let unit = PublishUnit(messages, deadline: link.time.uptime + link.configuration.publishTimeout)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if update({ $0.add(unit, continuation) }) { link.inbox.add { _ in } }
                if !isWatching.withLock({ $0 }) { attention.raise() }
            }
        } onCancel: {
            update { $0.cancel(unit) }
        }
    }

    /// Opens the channel; messages flow from now on.
    func attach() async throws(BusError) {
        let channel = try await Channel.open(on: link, sink: PublisherChannel(publisher: self))
        try await channel.call(.selectConfirms)
        let isOpen = await withCheckedContinuation { continuation in
            link.inbox.add { [self] io in
                if let io, channel.end == nil {
                    if onThread.begin(channel) { update { $0.open() } } else { io.closeSilently(channel) }
                }
                continuation.resume(returning: onThread.channel != nil)
            }
        }
        guard isOpen else { throw BusError(.unavailable, "the channel ended before it was used") }
    }

    /// Changes the state and resumes, outside of its lock, whoever's call has ended.
    @discardableResult
    private func update<R: Sendable>(_ change: (inout PublisherState) -> R) -> R {
        let (result, completions) = state.withLock { state in
            let result = change(&state)
            return (result, state.takeCompletions())
        }
        for completion in completions { completion.continuation?.resume(returning: completion.outcome) }
        return result
    }
}

// On the link's thread.
extension Publisher {
    func turn(_ io: LinkIO) -> Bool {
        guard let channel = onThread.channel, channel.end == nil else { return false }
        var (sent, resent) = (0, 0)
        defer {
            if sent > 0 {
                io.connection.gather(false)
                link.metrics.published(sent, resent: resent)
                link.metrics.setUnconfirmed(state.withLock { $0.unconfirmed })
            }
        }
        while io.failure == nil, io.connection.canSend {
            guard sent < Self.messagesPerTurn else { return true }
            guard let next = onThread.next(refill: { update { $0.take(32) } }) else { return false }
            if sent == 0 { io.connection.gather(true) }
            onThread.send(next, on: channel, io)
            sent += 1
            resent += next.isResent ? 1 : 0
        }
        return false
    }

    func blocked(_ reason: String?) { update { $0.block(reason) } }

    func returned(_ message: ReceivedMessage) {
        applyConfirms()
        update { $0.markReturned(message) }
    }

    func confirmed(_ confirm: Confirm) { onThread.confirms.append(confirm) }

    /// Applies what has been confirmed in this turn.
    func applyConfirms() {
        let confirms = onThread.confirms
        guard !confirms.isEmpty else { return }
        onThread.confirms.removeAll(keepingCapacity: true)
        let (counts, unconfirmed, isParked) = update { state in
            var counts = PublisherState.Confirmed()
            for confirm in confirms {
                state.confirm(confirm, canRepair: { topology.declaration(of: $0) != nil }, &counts)
            }
            return (counts, state.unconfirmed, !state.parked.isEmpty)
        }
        link.metrics.confirmed(counts.accepted, returned: counts.returned, refused: counts.refused)
        link.metrics.setUnconfirmed(unconfirmed)
        if isParked { attention.raise() }
    }

    /// The channel is gone, with its connection or for something that was sent on it.
    func channelClosed(_ sink: PublisherChannel, _ error: BusError) {
        guard onThread.channel?.sink === sink else { return }
        applyConfirms()
        onThread.end()
        let isConnected = link.gate.epoch != nil
        update { state in
            if isConnected {
                let refusal = BusError(
                    error.code == .unknownQueue ? .unknownExchange : error.code, error.message,
                    underlyingCode: error.underlyingCode)
                state.failOpen(refusal) { error.names(exchange: $0.exchange) }
            }
            state.lose(error, isReopening: isConnected)
        }
        if isConnected {
            topology.forgetVerified(where: error.names)
            link.logger.warning("rabbitmq_publish_channel_closed", ["error": "\(error)"])
            attention.raise()
        }
    }
}

// The publisher's own tasks.
extension Publisher {
    /// Ends calls whose time is over.
    private func watchDeadlines() async {
        while !Task.isCancelled {
            let generation = attention.generation
            let deadline = state.withLock { $0.nextDeadline }
            isWatching.withLock { $0 = deadline != nil }
            guard let deadline else {
                // A call that came in between has not raised the signal: look again.
                if state.withLock({ $0.nextDeadline }) == nil { await attention.wait(past: generation) }
                continue
            }
            // Cancelled: the loop ends by itself.
            try? await link.time.sleep(until: deadline)
            let now = link.time.uptime
            update { $0.expire(now: now) }
        }
    }

    /// Opens the channel again, and has the topology declared again for messages that no queue took.
    private func mend() async {
        var attempt = 0
        while !Task.isCancelled {
            let generation = attention.generation
            let (mustReopen, isParked) = state.withLock { ($0.phase == .reopening, !$0.parked.isEmpty) }
            // When the connection is gone too, its restoring opens the channel.
            let isReopening = mustReopen && link.gate.epoch != nil
            do throws(BusError) {
                if isReopening { try await attach() }
                attempt = 0
            } catch {
                attempt += 1
                link.logger.warning("rabbitmq_publish_channel_failed", ["error": "\(error)"])
                // Cancelled: the loop ends by itself.
                try? await link.time.sleep(for: link.configuration.reconnect.delay(attempt: attempt) ?? .seconds(5))
                continue
            }
            if isParked { await repair() }
            if !isReopening, !isParked { await attention.wait(past: generation) }
        }
    }

    /// Declares again what returned messages were for, and has each sent once more when that worked.
    private func repair() async {
        var outcomes: [String: BusError?] = [:]
        for outgoing in state.withLock({ $0.parked.compactMap(\.outgoing) }) {
            guard outcomes[outgoing.place] == nil, let requests = topology.declaration(of: outgoing) else { continue }
            do throws(BusError) {
                try await topology.perform(requests, on: link)
                outcomes[outgoing.place] = .some(nil)
            } catch {
                outcomes[outgoing.place] = error
            }
        }
        update { state in state.repair { outcomes[$0.place] } }
        link.inbox.add { _ in }
    }
}
