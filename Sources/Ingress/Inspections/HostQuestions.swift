internal import BusClients
internal import Contracts
internal import HTTPKit
internal import Runtime
internal import Synchronization

/// Asks hosts what only they know, and brings their answers to the requests that wait for them.
///
/// A question is a job on `inspect.<host>`; the answer comes on `fleet_answers` under this ingress's name. Neither
/// outlives the request: a question says when it expires, and an answer that nobody waits for is dropped.
final class HostQuestions: Sendable {
    /// Questions in flight; one more is answered 503.
    static let limit = 64

    private let bus: Bus
    private let time: any TimeSource
    private let patience: Duration
    private let logger: Logger
    private let outcomes: Counter
    /// Of this process only: an answer to the one before it comes to nobody.
    private let ingress = SecureRandom.hex(bytes: 8)
    private let listening = Latch()
    private let waiting = Mutex<[String: AsyncStream<HostAnswer>.Continuation]>([:])

    /// - Parameter patience: how long a request waits for an answer.
    init(
        bus: Bus, time: any TimeSource, patience: Duration = InspectionStreams.patience, metrics: MetricsRegistry,
        logger: Logger
    ) {
        self.bus = bus
        self.time = time
        self.patience = patience
        self.logger = logger
        outcomes = metrics.counter(
            "flotilla_questions_total", help: "Questions to hosts by what came of them.", labels: ["outcome"])
    }

    /// Listens for answers until its task is cancelled. A bus that closes gives no more, which those who ask are told.
    func run() async throws {
        do {
            try await listen()
        } catch let error as BusError where error.code == .closed {
            logger.debug("answers_ended", ["error": "\(error)"])
        }
        await Latch().wait()
    }

    private func listen() async throws {
        let exchange = ExchangeName(StreamNames.fleetAnswers)
        let position = Mutex<Int64?>(nil)
        let policy = RetryPolicy(initial: .milliseconds(200), maximum: .seconds(5))
        try await policy.run(time: time) { error in
            guard let error = error as? BusError, error.isRetriable else { return false }
            logger.warning("answers_unavailable", ["error": "\(error)"])
            return true
        } body: {
            try await bus.events.declare(
                exchange,
                EventExchangeOptions(
                    maximumAge: InspectionStreams.answerAge, maximumBytes: InspectionStreams.answerBytes))
            // From before the first question, and on where a lost connection was: no answer falls in between.
            let end = try await bus.events.history(of: exchange).upperBound
            let start = position.withLock { known in
                let start = min(known ?? end, end)
                known = start
                return start
            }
            let events = try await bus.events.subscribe(
                to: exchange, matching: [TopicPattern(StreamNames.answer(ingress: ingress, correlation: "*"))],
                from: .offset(start))
            listening.open()
            for try await batch in events {
                for event in batch { receive(event) }
                if let last = batch.last { position.withLock { $0 = last.offset + 1 } }
            }
        }
    }

    /// Asks a host and waits for its answer.
    /// - Throws: 503 when the question could not be asked or the host cannot say; 504 without an answer in time.
    func ask(
        _ host: String, _ subject: String, _ parameters: [UInt8], for request: HTTPRequest
    ) async throws(HTTPError) -> HostAnswer {
        let now = time.now
        let deadline = time.uptime + patience
        let question = HostQuestion(
            id: SecureRandom.uuid(), ingress: ingress, subject: subject, parameters: parameters, askedAt: now,
            expiresAt: now.advanced(by: patience))
        let (answers, continuation) = AsyncStream.makeStream(of: HostAnswer.self, bufferingPolicy: .bufferingOldest(1))
        let isAdmitted = waiting.withLock { waiting in
            guard waiting.count < Self.limit else { return false }
            waiting[question.id] = continuation
            return true
        }
        guard isAdmitted else {
            outcomes.increment(["refused"])
            throw .unavailable("Too many questions to hosts wait for an answer.")
        }
        defer { waiting.withLock { $0[question.id] = nil } }
        let result = await withTaskGroup(of: Result<HostAnswer?, HTTPError>.self) { group in
            group.addTask { [self] in
                await Result(catching: { () async throws(HTTPError) in
                    try await answer(to: question, of: host, answers, Headers(trace: request.trace))
                })
            }
            group.addTask { [time] in
                do { try await time.sleep(until: deadline) } catch { return .success(nil) }
                return .success(nil)
            }
            let first = await group.next() ?? .success(nil)
            group.cancelAll()
            return first
        }
        return try outcome(result)
    }

    private func outcome(_ result: Result<HostAnswer?, HTTPError>) throws(HTTPError) -> HostAnswer {
        switch result {
        case .success(let answer?):
            outcomes.increment(["answered"])
            return answer
        case .success(nil):
            outcomes.increment(["unanswered"])
            throw HTTPError(504, "timeout", "The host's worker did not answer in time.")
        case .failure(let error):
            outcomes.increment(["refused"])
            throw error
        }
    }

    private func answer(
        to question: HostQuestion, of host: String, _ answers: AsyncStream<HostAnswer>, _ headers: Headers
    ) async throws(HTTPError) -> HostAnswer? {
        await listening.wait()
        guard !Task.isCancelled else { return nil }
        let job = Job(Message(id: MessageID(question.id), headers: headers, body: question.json))
        do {
            try await bus.queues.enqueue([job], to: QueueName(StreamNames.inspect(host)))
        } catch {
            throw Self.refusal(error)
        }
        for await answer in answers { return answer }
        return nil
    }

    private static func refusal(_ error: BusError) -> HTTPError {
        switch error.code {
        case .unknownQueue: .unavailable("No worker of this host takes questions.", retryAfter: 5)
        case .queueFull: .unavailable("The host's worker answers no questions now.", retryAfter: 5)
        default: .unavailable("The host could not be asked.", retryAfter: 2)
        }
    }

    private func receive(_ event: RecordedEvent) {
        let id = String(event.routingKey.rawValue.dropFirst(ingress.utf8.count + 1))
        // Nobody waits for it any more, or it came before.
        guard let continuation = waiting.withLock({ $0[id] }) else { return }
        do {
            let answer = try HostAnswer(json: event.message.body)
            guard answer.id == id else { throw MessageError("id is not that of the routing key") }
            continuation.yield(answer)
        } catch {
            logger.warning("answer_unreadable", ["offset": .int(event.offset), "error": "\(error)"])
        }
    }
}

extension HTTPError {
    /// For an answer that is none to the question.
    static func unanswered(_ answer: HostAnswer) -> HTTPError {
        switch answer.outcome {
        case .failed(.unreadable): .unavailable("The host does not say it.", retryAfter: 5)
        case .failed(.unsaved): .unavailable("The host's worker could not store it.", retryAfter: 5)
        case .failed(.unsupported), .processes, .security, .sampled:
            .unavailable("The host's worker is of a version that cannot answer this.", retryAfter: 60)
        }
    }
}

extension Result where Success: Sendable {
    /// What the body returns or throws.
    fileprivate init(catching body: () async throws(Failure) -> Success) async {
        do throws(Failure) {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
