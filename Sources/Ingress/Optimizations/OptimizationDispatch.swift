internal import BusClients
internal import Contracts
internal import HTTPKit
internal import Runtime

/// Hands optimizations and cancellations to the workers.
struct OptimizationDispatch: Sendable {
    /// How long an answer waits for the view to hold what it speaks of.
    private static let viewDeadline: Duration = .seconds(2)

    let context: IngressContext
    let arrivals: Arrivals
    private let requested: Counter

    init(context: IngressContext, arrivals: Arrivals) {
        self.context = context
        self.arrivals = arrivals
        requested = context.metrics.counter(
            "flotilla_optimizations_requested_total", help: "Optimizations that were made durable.", labels: ["type"])
    }

    /// Returns once the request is durable in its host's queue, and known to this ingress's view if that is soon.
    ///
    /// The job comes first: an event without a job would be a session that never ends. When the event cannot be
    /// published the job stands all the same, and the worker's own events tell of it.
    /// - Throws: 503 when nothing was done.
    func start(_ order: OptimizationRequest, for request: HTTPRequest) async throws(HTTPError) {
        let queue = QueueName(StreamNames.optimizeHost(order.host ?? context.configuration.fleetHost))
        let headers = Headers(trace: request.trace)
        let job = Job(Message(id: MessageID(order.id), headers: headers, body: order.json))
        do {
            try await context.bus.queues.enqueue([job], to: queue)
        } catch  where error.code == .unknownQueue {
            throw .unavailable("No optimization worker has started on this host yet.", retryAfter: 5)
        } catch {
            throw HTTPError(error)
        }
        requested.increment([order.type])
        let event = OptimizationEvent(
            type: OptimizationChange.requestedType, agent: "ingress@\(context.configuration.fleetHost)",
            data: order.json, timestamp: order.requestedAt)
        do {
            try await arrivals.awaiting(order.id, atMost: Self.viewDeadline, time: context.time) {
                try await publish(
                    event.json, key: StreamNames.optimizationEvent(event.type), id: "\(order.id).requested", headers,
                    to: ExchangeName(StreamNames.optimizationEvents))
            }
        } catch {
            context.logger.warning(
                "session_event_unpublished",
                request.logFields.merging(["session": .string(order.id), "error": "\(error)"]))
        }
    }

    /// Returns once the order to stop is durable.
    /// - Throws: 503 when it could not be stored.
    func cancel(_ order: ControlMessage.Cancellation, for request: HTTPRequest) async throws(HTTPError) {
        do {
            try await publish(
                ControlMessage.cancel(order).json, key: StreamNames.cancelSession(order.sessionID),
                id: SecureRandom.uuid(), Headers(trace: request.trace), to: ExchangeName(StreamNames.fleetControl))
        } catch {
            throw HTTPError(error)
        }
    }

    /// Publishes one event; makes the exchange if it does not exist.
    private func publish(
        _ body: [UInt8], key: String, id: String, _ headers: Headers, to exchange: ExchangeName
    ) async throws(BusError) {
        let message = Message(id: MessageID(id), headers: headers, body: body)
        try await context.bus.events.publish(
            [Event(routingKey: RoutingKey(key), message: message)], to: exchange, declaring: EventExchangeOptions())
    }
}
