package import BusClients
import Contracts
import HostProbe
package import Runtime

/// Answers what ingresses want to know of this host now: the questions of `inspect.<host>`.
///
/// One at a time, in their order. A question that has expired is passed over without an answer: nobody waits for it.
package final class HostInspectionService: Service {
    package let name = "host-inspector"
    /// Questions in hand; they are few and short.
    private static let prefetch = 16

    private let host: String
    private let bus: Bus
    private let time: any TimeSource
    private let root: String
    private let thread = BlockingThread(name: "host-inspector")
    private let reader: ProcessReader
    private let samples: SampleOnRequest?
    private let spans = TraceIDSource()
    private let questions: Counter
    private let duration: Histogram.Handle
    private let logger: Logger

    /// - Parameters:
    ///   - host: This host's name in the fleet.
    ///   - root: The folder that stands for `/`.
    ///   - sampling: how the host is sampled, for whoever asks for a sample; nil answers none.
    ///   - monotonic: CLOCK_MONOTONIC, or a test's clock.
    package init(
        host: String, root: String = "/",
        sampling: (configuration: MetricsWorkerConfiguration, plan: SamplingPlan)? = nil,
        bus: Bus, time: any TimeSource,
        monotonic: @escaping @Sendable () -> Duration = { HostSampler.monotonicClock() },
        metrics: MetricsRegistry, logger: Logger
    ) {
        self.host = host
        self.bus = bus
        self.time = time
        self.root = root
        reader = ProcessReader(on: thread, root: root, time: time, monotonic: monotonic)
        questions = metrics.counter(
            "flotilla_host_questions_total", help: "Questions about the host that came.", labels: ["outcome"])
        duration = metrics.histogram(
            "flotilla_host_question_seconds", help: "Time to find the answer to a question about the host.",
            buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5]
        ).labelled([])
        self.logger = logger.component("inspect")
        samples = sampling.map { [logger = self.logger] in
            SampleOnRequest(
                $0.configuration, plan: $0.plan, probe: { HostSampler(root: root) }, log: bus.log, time: time,
                logger: logger)
        }
    }

    package func run(_ lifecycle: Lifecycle) async throws {
        _ = try await lifecycle.untilStop { [self] in
            let policy = RetryPolicy(initial: .seconds(1), maximum: .seconds(30))
            try await policy.run(time: time) { error in
                guard let error = error as? BusError, error.isRetriable else { return false }
                logger.warning("bus_unavailable", ["error": "\(error)"])
                return true
            } body: {
                try await work(lifecycle)
            }
        }
    }

    private func work(_ lifecycle: Lifecycle) async throws {
        let queue = QueueName(StreamNames.inspect(host))
        try await bus.queues.declare(
            queue,
            WorkQueueOptions(
                maximumAttempts: InspectionStreams.attempts, leaseDuration: InspectionStreams.lease,
                maximumLength: InspectionStreams.queueLength))
        try await bus.events.declare(
            ExchangeName(StreamNames.fleetAnswers),
            EventExchangeOptions(
                maximumAge: InspectionStreams.answerAge, maximumBytes: InspectionStreams.answerBytes))
        let deliveries = try await bus.queues.consume(queue, prefetch: Self.prefetch)
        lifecycle.started()
        for try await batch in deliveries {
            for delivery in batch { await handle(delivery) }
        }
        try Task.checkCancellation()
        throw BusError(.closed, "the bus closed")
    }

    private func handle(_ delivery: Delivery) async {
        let trace = spans.resume(delivery.message.headers.trace)
        let logger = logger.with(trace.logFields)
        let question: HostQuestion
        do {
            question = try HostQuestion(json: delivery.message.body)
        } catch {
            logger.warning("question_rejected", ["message": "\(delivery.message.id)", "error": "\(error)"])
            questions.increment(["rejected"])
            return delivery.reject(reason: "not a question to a host: \(error)")
        }
        let start = time.uptime
        guard let outcome = await outcome(of: question, logger) else {
            // The worker stops: whoever comes next may be in time.
            if Task.isCancelled { return }
            questions.increment(["expired"])
            return delivery.ack()
        }
        duration.observe(time.uptime - start)
        do {
            try await publish(outcome, to: question, Headers(trace: trace))
            questions.increment([outcome.isFailure ? "failed" : "answered"])
        } catch {
            // Whoever asked is told that there was no answer in time; the next question asks anew.
            logger.warning("answer_unpublished", ["question": .string(question.id), "error": "\(error)"])
            questions.increment(["unpublished"])
        }
        delivery.ack()
    }

    /// Nil when the question has expired, or the worker stops.
    private func outcome(of question: HostQuestion, _ logger: Logger) async -> HostAnswer.Outcome? {
        guard time.now < question.expiresAt else { return nil }
        do {
            switch question.subject {
            case HostQuestion.processes:
                let query = try ProcessQuery(json: question.parameters)
                return try await reader.list(query, until: question.expiresAt).map { .processes($0) }
            case HostQuestion.security:
                return .security(try await thread.run { [root] in SecurityReview(SecurityProbe(root: root).read()) })
            case HostQuestion.sample: return await sample(logger)
            default: return .failed(.unsupported)
            }
        } catch let error as ProbeError {
            logger.warning("host_unreadable", ["error": "\(error)"])
            return .failed(.unreadable)
        } catch is CancellationError {
            return nil
        } catch {
            logger.warning("question_unsupported", ["error": "\(error)"])
            return .failed(.unsupported)
        }
    }

    /// Nil when the worker stops.
    private func sample(_ logger: Logger) async -> HostAnswer.Outcome? {
        guard let samples else { return .failed(.unsupported) }
        do {
            return .sampled(try await samples.take())
        } catch is CancellationError {
            return nil
        } catch {
            logger.warning("sample_unsaved", ["error": "\(error)"])
            return .failed(.unsaved)
        }
    }

    private func publish(_ outcome: HostAnswer.Outcome, to question: HostQuestion, _ headers: Headers) async throws {
        let answer = HostAnswer(id: question.id, host: host, answeredAt: time.now, outcome: outcome)
        let message = Message(id: MessageID(question.id), headers: headers, body: answer.json)
        try await bus.events.publish(
            [Event(routingKey: RoutingKey(question.answerKey), message: message)],
            to: ExchangeName(StreamNames.fleetAnswers))
    }
}

extension HostAnswer.Outcome {
    fileprivate var isFailure: Bool {
        if case .failed = self { true } else { false }
    }
}
