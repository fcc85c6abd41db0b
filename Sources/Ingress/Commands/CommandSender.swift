internal import BusClients
internal import Contracts
internal import HTTPKit
internal import Runtime

/// Makes commands durable, and finds out what became of them.
struct CommandSender: Sendable {
    /// How long a key of the header `Idempotency-Key` names one command.
    static let keyLifetime: Duration = .seconds(24 * 3600)
    /// Renewals of a key that are looked for: the view keeps its commands for 7 days.
    static let maximumGenerations = 8

    let context: IngressContext
    let commands: CommandProjection
    let counters: CommandCounters
    /// Whether the views hold what the logs held at the start; before, nobody knows which keys were used.
    let isCaughtUp: @Sendable () -> Bool

    /// - Throws: 503 while the views are being rebuilt.
    func requireViews() throws(HTTPError) {
        guard isCaughtUp() else { throw .rebuilding }
    }

    /// Puts commands into the pusher's queue; returns once they are durable.
    /// - Throws: 413 or 503; then nothing was stored, or a broker has not said whether it was.
    func enqueue(
        _ accepted: [AcceptedCommand], acceptedAt: Timestamp, _ wishes: Wishes
    ) async throws(HTTPError) -> CommandJobs {
        var headers: Headers = [:]
        let ends = commands.logEnds
        if !ends.isEmpty {
            let text = ends.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
            headers[CommandEnvelope.logEndsHeader] = text
        }
        headers.append(wishes.trace)
        let jobs = try CommandJobs(accepted, acceptedAt: acceptedAt, headers: headers)
        do {
            try await enqueue(jobs.jobs)
        } catch {
            counters.failed(accepted.count, reason: error.code.rawValue, at: context.time.now)
            context.logger.warning(
                "commands not stored",
                wishes.logFields.merging(["error": "\(error)", "commands": .int(Int64(accepted.count))]))
            throw HTTPError(error)
        }
        counters.accepted(accepted.count)
        return jobs
    }

    private func enqueue(_ jobs: [Job]) async throws(BusError) {
        try await context.bus.queues.enqueue(
            jobs, to: QueueName(StreamNames.commandRequests),
            declaring: WorkQueueOptions(
                maximumAttempts: CommandQueue.maximumAttempts, leaseDuration: CommandQueue.leaseDuration,
                maximumLength: CommandQueue.maximumLength, singleActiveConsumer: true))
    }

    /// Tells the view of accepted commands. A failure changes nothing for the command: it is in the queue, and the
    /// pusher's status tells of it.
    func announce(_ events: [Event], _ wishes: Wishes) async {
        guard !events.isEmpty else { return }
        do {
            try await context.bus.events.publish(
                events, to: ExchangeName(StreamNames.commandEvents),
                declaring: EventExchangeOptions(
                    maximumAge: CommandQueue.statusAge, maximumBytes: CommandQueue.statusBytes))
        } catch {
            context.logger.warning("accepted event unpublished", wishes.logFields.merging(["error": "\(error)"]))
        }
    }

    /// Notes commands that are durable now; ones that an earlier request has made so are not written again.
    func noteInAudit(_ accepted: [AcceptedCommand], _ request: HTTPRequest, _ principal: Principal) {
        guard let first = accepted.first, let last = accepted.last else { return }
        context.audit.count(
            "commands_sent", request, principal, first: first.id, last: last.id, count: accepted.count)
    }

    /// When a command must not be published any more.
    func expiry(of request: CommandRequest, acceptedAt: Timestamp) -> Timestamp? {
        if let own = request.expiresAt { return own.timestamp }
        let standard = context.configuration.commandDefaultTimeToLive
        return standard > .zero ? acceptedAt.advanced(by: standard) : nil
    }
}
