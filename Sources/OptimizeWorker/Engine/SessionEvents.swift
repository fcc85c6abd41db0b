internal import BusClients
internal import Contracts
internal import Runtime

/// The events of one session: numbered, written to the journal with the change that they tell of, then published.
///
/// The id of an event is the session's and its number, so that one that is published twice counts once.
actor SessionEvents {
    private let request: OptimizationRequest
    private let host: String
    private let trace: TraceContext
    private let bus: Bus
    private let journal: Journal
    private let time: any TimeSource
    private let logger: Logger
    private let progressed: @Sendable () -> Void
    private var lastSequence: Int
    /// Bounded by the number of a session's events: a few for each step, and one for each second.
    private var pending: [OutboxEvent]
    private var lastProgress: Duration?

    init(
        record: SessionRecord, pending: [OutboxEvent], host: String, trace: TraceContext, bus: Bus, journal: Journal,
        time: any TimeSource, logger: Logger, progressed: @escaping @Sendable () -> Void
    ) {
        request = record.request
        lastSequence = record.lastSequence
        self.pending = pending
        self.host = host
        self.trace = trace
        self.bus = bus
        self.journal = journal
        self.time = time
        self.logger = logger
        self.progressed = progressed
    }

    /// Whether no event was made yet, in any run.
    var isFirst: Bool { lastSequence == 0 }

    /// Makes the next event, to be written to the journal by the caller and then published by `flush`.
    func make(_ type: String, _ data: Facts = [:], raw: (name: String, json: [UInt8])? = nil) -> OutboxEvent {
        progressed()
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.member("task_id", request.id)
            writer.member("optimization_type", request.type)
            writer.member("host", host)
            writer.member("user_id", request.requestedBy)
            writer.member("requested_by", request.requestedBy)
            writer.member("dry_run", request.isDryRun)
            for field in data.fields {
                writer.name(field.name)
                field.value.write(to: &writer)
            }
            if let raw { writer.member(raw.name, raw: raw.json) }
        }
        let event = OptimizationEvent(type: type, agent: agent, data: writer.bytes, timestamp: time.now)
        lastSequence += 1
        let made = OutboxEvent(sequence: lastSequence, type: type, body: event.json)
        pending.append(made)
        return made
    }

    /// Makes, writes and publishes an event of progress, unless one went out within the last second.
    func progress(_ data: Facts) async throws {
        progressed()
        let now = time.uptime
        if let lastProgress, now - lastProgress < .seconds(1) { return }
        lastProgress = now
        try await journal.append([make("progress", data)], to: request.id)
        await publishWhatCanBe()
    }

    /// Publishes what waits; what cannot be published now goes with the next.
    func publishWhatCanBe() async {
        do {
            try await flush()
        } catch {
            logger.warning("event_publish_failed", ["error": "\(error)"])
        }
    }

    /// Publishes everything that waits.
    func flush() async throws {
        let events = pending
        guard let last = events.last else { return }
        try await bus.events.publish(events.map(message), to: ExchangeName(StreamNames.optimizationEvents))
        pending.removeAll { $0.sequence <= last.sequence }
        try await journal.markPublished(request.id, through: last.sequence)
    }

    private var agent: String { "hardware-resource-optimizer@\(host)" }

    private func message(_ event: OutboxEvent) -> Event {
        let key = StreamNames.optimizationEvent(event.type)
        let id = "\(request.id)/\(event.sequence)"
        // CloudEvents 1.0, AMQP binding 1.0: attributes are application properties with this prefix.
        var headers: Headers = [
            "cloudEvents:specversion": "1.0", "cloudEvents:id": id, "cloudEvents:source": "/flotilla/hosts/\(host)",
            "cloudEvents:type": key, "cloudEvents:subject": request.id, "content-type": "application/json",
        ]
        headers.append(trace)
        return Event(
            routingKey: RoutingKey(key), message: Message(id: MessageID(id), headers: headers, body: event.body))
    }
}
