import Synchronization

extension Exchange {
    /// What other threads share with the event loop.
    struct Work {
        var task: Task<Void, Never>?
        var response: HTTPResponse?
        var stream: ResponsePipe?
        var streamEndsAtDrain = false
        /// What an event stream says before a drain ends it.
        var farewell: [UInt8] = []
        /// Whether the task is to be cancelled, also when it is stored after the request for it.
        var isCancelled = false
        /// Whether a handler's task runs.
        var isRunning = false
        /// To be told when the exchange is counted out.
        var visit: (any RequestVisit)?
        /// Whether the exchange is counted in; the handler's end and the answer, whichever is later, count it out.
        var isCounted = false
        /// Whether the answer is with the library, or will never be.
        var isSettled = false
        /// Whether the connection has nothing more to do with this exchange.
        var isOver = false
    }

    /// Hands the complete request to its handler.
    func dispatch() -> Verdict {
        guard let route, let request else { return .close }
        switch route.handler {
        case .immediate(let handler):
            // The client has done its part: no deadline of its counts while the handler runs.
            client.wait(.handler, until: nil)
            do {
                return answer(try handler(request, body))
            } catch {
                return answer(response(for: error))
            }
        case .deferred(let handler):
            let body = body
            self.body = []
            phase = .waiting
            run { try await handler(request, body) }
            return awaitAnswer()
        case .streaming:
            return .close
        }
    }

    func start(
        _ handler: @escaping @Sendable (HTTPRequest, RequestBodyStream) async throws -> HTTPResponse,
        _ pipe: RequestBodyPipe
    ) {
        guard let request else { return }
        var length: Int? = 0
        switch bodyKind {
        case .length(let declared): length = declared
        case .chunked: length = nil
        case .none, .malformed: break
        }
        let stream = RequestBodyStream(declaredLength: length, pipe: pipe)
        run { try await handler(request, stream) }
    }

    /// Runs a handler as a task; its answer waits in `work` and wakes the event loop.
    private func run(_ handler: @escaping @Sendable () async throws -> HTTPResponse) {
        work.withLock { $0.isRunning = true }
        let (id, trace) = (id, trace)
        let task = Task { [self] in
            let response: HTTPResponse
            do {
                response = try await handler()
            } catch {
                response = core.response(for: error, id: id, trace: trace)
            }
            work.withLock { work in
                work.isRunning = false
                work.response = response
                work.task = nil
            }
            countOut()
            gate.signal()
        }
        keep(task)
    }

    /// Stores a task so that it can be cancelled; one that has been cancelled meanwhile is cancelled now.
    private func keep(_ task: Task<Void, Never>) {
        let isCancelled = work.withLock { work in
            if work.isRunning { work.task = task }
            return work.isCancelled
        }
        let isAbandoned = client.hasLeft.load(ordering: .sequentiallyConsistent) && cancelsWithoutClient
        if isCancelled || isAbandoned { task.cancel() }
    }

    /// Waits for a task's answer and sends it.
    func awaitAnswer() -> Verdict {
        while true {
            if let response = takeResponse() { return answer(response) }
            if core.isClosing { return answer(response(for: HTTPError.stopping)) }
            client.wait(.handler, until: nil)
            if park() { return .taken }
        }
    }

    func takeResponse() -> HTTPResponse? {
        work.withLock { work in
            defer { work.response = nil }
            return work.response
        }
    }

    /// Suspends the connection until there is something new; false when there may be already.
    func park() -> Bool {
        gate.park(unless: core.isClosing)
    }

    /// Whether the task is of no use to anyone once the client has left.
    private var cancelsWithoutClient: Bool { route?.finishesWithoutClient == false }

    /// Counts the exchange in; false when there are too many.
    func countIn() -> Bool {
        guard core.enter() else { return false }
        work.withLock { work in
            work.isCounted = true
            work.visit = visit
        }
        return true
    }

    /// Notes that the answer is settled and counts the exchange out, unless its handler still works.
    func settle() {
        work.withLock { $0.isSettled = true }
        countOut()
    }

    private func countOut() {
        let (leaves, visit) = work.withLock { work -> (Bool, (any RequestVisit)?) in
            guard work.isCounted, work.isSettled, !work.isRunning else { return (false, nil) }
            work.isCounted = false
            return (true, work.visit)
        }
        if leaves { core.leave() }
        visit?.settle()
    }

    // MARK: Called from other threads

    /// The client closed its sending side (or, when broken, the whole connection) while the connection was suspended.
    func clientLeft(isBroken: Bool) {
        let (task, stream, endsAtOnce) = work.withLock { ($0.task, $0.stream, $0.streamEndsAtDrain) }
        if let stream {
            // A download may go on after a half-close; nobody half-closes an event stream.
            if isBroken || endsAtOnce {
                stream.finish(.cutOff(.clientLeft))
                task?.cancel()
            }
        } else if cancelsWithoutClient {
            cancel()
        }
    }

    /// Cancels the task, now or when it starts.
    func cancel() {
        let task = work.withLock { work in
            work.isCancelled = true
            return work.task
        }
        task?.cancel()
    }

    /// The server drains: an endless stream ends now.
    func beginDrain() {
        let (task, stream, farewell) = work.withLock { work in
            work.streamEndsAtDrain ? (work.task, work.stream, work.farewell) : (nil, nil, [])
        }
        stream?.finish(.completeBecause(.serverStopping), farewell: farewell)
        task?.cancel()
    }

    /// The server closes: the connection goes on and ends, whatever the task does.
    func abandon() {
        let stream = work.withLock { $0.stream }
        stream?.finish(.cutOff(.serverStopping))
        cancel()
        gate.close()
    }
}
