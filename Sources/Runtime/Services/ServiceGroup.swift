import Glibc

/// Runs services together: starts them in order, and stops them in reverse.
///
/// A service starts when the one before it is ready. A stop is asked for by a signal, by cancelling the task of `run`,
/// or by the first failure. The last service is asked first and has `stopDeadline` to end, then its task is cancelled
/// and the one before it is asked. A second signal cancels all at once. A service that goes on for 5 s after it was
/// cancelled is left behind, so that the process can exit.
package struct ServiceGroup: Sendable {
    /// How long the group waits for cancelled tasks.
    private static let cancellationDeadline = Duration.seconds(5)

    private let services: [any Service]
    private let stopDeadline: Duration
    private let time: any TimeSource
    private let logger: Logger
    private let signals: [Int32]

    /// - Parameters:
    ///   - services: In the order of their start.
    ///   - stopDeadline: How long each service may take to stop.
    ///   - signals: What stops the group; caught while it runs, handled as before afterwards.
    package init(
        _ services: [any Service], stopDeadline: Duration = .seconds(20), time: any TimeSource, logger: Logger,
        signals: [Int32] = [SIGTERM, SIGINT]
    ) {
        self.services = services
        self.stopDeadline = stopDeadline
        self.time = time
        self.logger = logger
        self.signals = signals
    }

    /// Runs until every service has ended; returns normally when that was asked for.
    /// - Throws: `ServiceGroupError`: the first failure of a service.
    package func run() async throws {
        // Unbounded, but short: each service reports twice, and a person sends the signals.
        let (events, reports) = AsyncStream.makeStream(of: ServiceGroupState.Event.self)
        let watch = try signals.isEmpty ? nil : SignalWatch(signals) { reports.yield(.signal($0)) }
        defer { watch?.stop() }
        // Its own task, because the loop must go on after a cancellation to stop the services in order.
        let loop = Task { await self.loop(events, reports) }
        let failure = await withTaskCancellationHandler {
            await loop.value
        } onCancel: {
            reports.yield(.cancelled)
        }
        if let failure { throw failure }
    }

    private func loop(
        _ events: AsyncStream<ServiceGroupState.Event>, _ reports: AsyncStream<ServiceGroupState.Event>.Continuation
    ) async -> (any Error)? {
        var state = ServiceGroupState(names: services.map(\.name))
        var running = RunningServices(time: time, reports: reports)
        defer { running.cancelDeadline() }
        var actions = state.begin()
        var next = events.makeAsyncIterator()
        while true {
            for action in actions {
                if case .finish(let failure) = action { return failure }
                perform(action, &running)
            }
            guard let event = await next.next() else { return nil }
            log(event)
            actions = state.handle(event)
        }
    }

    private func perform(_ action: ServiceGroupState.Action, _ running: inout RunningServices) {
        switch action {
        case .start(let index): running.start(services[index], index)
        case .askToStop(let index):
            logger.debug("service_stopping", ["service": .string(services[index].name)])
            running.askToStop(index)
        case .cancel(let index):
            logger.warning("service_cancelled", ["service": .string(services[index].name)])
            running.cancel(index)
        case .setDeadline(let number, let wait):
            running.setDeadline(number, after: wait == .stop ? stopDeadline : Self.cancellationDeadline)
        case .finish: break
        }
    }

    private func log(_ event: ServiceGroupState.Event) {
        switch event {
        case .started(let index): logger.debug("service_started", ["service": .string(services[index].name)])
        case .ended(let index, nil): logger.debug("service_ended", ["service": .string(services[index].name)])
        case .ended(let index, .some(let error)):
            let fields: LogFields = ["service": .string(services[index].name), "error": "\(error)"]
            if error is CancellationError {
                logger.debug("service_ended", fields)
            } else {
                logger.error("service_failed", fields)
            }
        case .signal(let number): logger.info("signal_received", ["signal": .int(Int64(number))])
        case .cancelled: logger.info("group_cancelled")
        case .deadline: logger.warning("stop_deadline_passed")
        }
    }
}
