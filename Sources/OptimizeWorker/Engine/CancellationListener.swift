internal import BusClients
internal import Contracts
internal import Runtime

/// Follows the control exchange and keeps the registry and the journal up to date.
///
/// It reads on where the last process stopped, so a cancellation that came while no worker ran counts as well.
struct CancellationListener: Sendable {
    let host: String
    let bus: Bus
    let journal: Journal
    let registry: CancellationRegistry
    let logger: Logger

    private static let exchange = ExchangeName(StreamNames.fleetControl)

    /// Runs until its task is cancelled or the bus closes; opens the latch when it has read what was there before.
    func run(marker: String, caughtUp: Latch) async throws {
        for session in try await journal.cancellations().keys { registry.insert(session) }
        // A position beyond the end is one in another history: the fleet has moved to another bus.
        let end = try await bus.events.history(of: Self.exchange).upperBound
        let known = try await journal.controlPosition().flatMap { $0 <= end ? $0 : nil }
        let start: HistoryPosition = known.map { .offset($0) } ?? .first
        let events = try await bus.events.subscribe(
            to: Self.exchange,
            matching: [TopicPattern(StreamNames.cancelSession("#")), TopicPattern("worker.listening.\(marker)")],
            from: start)
        // An offset may be missing for good, so what comes back after everything else tells that the past is read.
        let message = Message(id: MessageID(marker), body: Array("{}".utf8))
        try await bus.events.publish(
            [Event(routingKey: RoutingKey("worker.listening.\(marker)"), message: message)], to: Self.exchange)
        for try await batch in events {
            let cancellations = batch.compactMap(read)
            if let last = batch.last { try await journal.record(cancellations, readThrough: last.offset) }
            for cancellation in cancellations { registry.insert(cancellation.session) }
            if batch.contains(where: { $0.message.id.rawValue == marker }) { caughtUp.open() }
        }
    }

    private func read(_ event: RecordedEvent) -> Journal.Cancellation? {
        guard event.routingKey.rawValue.hasPrefix("session.cancel.") else { return nil }
        var logger = logger
        if let trace = event.message.headers.trace { logger = logger.with(trace.logFields) }
        do {
            switch try ControlMessage(json: event.message.body) {
            case .cancel(let order):
                logger.info(
                    "cancellation_received",
                    ["session": .string(order.sessionID), "requested_by": .string(order.requestedBy)])
                return Journal.Cancellation(
                    session: order.sessionID, requestedBy: order.requestedBy, requestedAt: order.requestedAt)
            }
        } catch {
            logger.warning("control_message_unreadable", ["offset": .int(event.offset), "error": "\(error)"])
            return nil
        }
    }
}
