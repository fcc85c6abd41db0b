import CHTTP
import CHTTPErrors
import Synchronization

/// One request and its answer, from the request line to the last byte: the C library's per-request context.
///
/// `@unchecked`: the variables are touched only by the connection's event loop inside the library's callbacks; what
/// other threads need is in `work` and `gate`, which lock.
final class Exchange: @unchecked Sendable {
    /// How far the exchange is.
    enum Phase {
        /// The request line is there; the headers are being received.
        case fresh
        /// The body is being received into `body`.
        case collecting
        /// A streaming handler runs and hasn't asked for the body.
        case opening
        /// A streaming handler's body is being received.
        case uploading
        /// The request is complete and a task works on the answer.
        case waiting
        /// The answer is known; what is left of the body is received and dropped, then it is sent.
        case dropping(HTTPResponse)
        /// The answer is with the library.
        case answered
    }

    /// What the event loop tells the library about the bytes it was offered.
    enum Verdict {
        case taken
        case keep
        case close
    }

    /// The largest rest of a body that is received only to keep the connection; beyond it an early answer closes it.
    static let droppedBytes = 64 * 1024

    let core: ServerCore
    let client: ClientConnection
    let connection: ConnectionHandle
    let gate: ResumeGate
    let started: Int64
    let target: String
    /// The address behind the target's last character in the library's buffer, only to be compared.
    let targetEnd: UInt
    let work = Mutex(Work())

    var phase = Phase.fresh
    /// Whether the target holds a NUL, so that only what is before it is known.
    var isTargetCut = false
    var methodName = "OTHER"
    var id: RequestID
    let traceSeed: (high: UInt64, low: UInt64)
    /// Of the request, once they are there.
    var headers = HTTPHeaders()
    var request: HTTPRequest?
    var route: Route?
    var visit: (any RequestVisit)?
    var body: [UInt8] = []
    var bodyKind = RequestHead.Body.none
    var bodyPipe: RequestBodyPipe?
    var bodyStarted: Int64 = 0
    var bodyPaused: Int64 = 0
    var pausedAt: Int64 = 0
    /// Bytes of the server's budget for collected bodies that this exchange holds.
    var reserved = 0
    var bytesIn = 0
    var bytesOut = 0
    var status = 0

    init(core: ServerCore, client: ClientConnection, connection: ConnectionHandle, target: String, targetEnd: UInt) {
        self.core = core
        self.client = client
        self.connection = connection
        self.target = target
        self.targetEnd = targetEnd
        gate = ResumeGate(connection)
        started = Monotonic.now
        traceSeed = core.requestIDs.next()
        id = .made(traceSeed.high, traceSeed.low)
    }

    var trace: TraceOrigin { TraceOrigin(headers: headers, seed: traceSeed) }

    /// The answer for an error, whatever it is.
    func response(for error: any Error) -> HTTPResponse { core.response(for: error, id: id, trace: trace) }

    /// Handles a call of the library: with bytes of the body, or without: after the headers, and when it is complete.
    func handle(method: UnsafePointer<CChar>, bytes: UnsafeBufferPointer<UInt8>) -> Verdict {
        switch phase {
        case .fresh:
            return begin(method: method)
        case .collecting:
            return bytes.isEmpty ? dispatch() : collect(bytes)
        case .opening:
            return open()
        case .uploading:
            return bytes.isEmpty ? uploaded() : upload(bytes)
        case .waiting:
            return bytes.isEmpty ? awaitAnswer() : .taken
        case .dropping(let response):
            bytesIn += bytes.count
            return bytes.isEmpty ? answer(response) : .taken
        case .answered:
            return .taken
        }
    }

    /// Ends the exchange: the library has sent the answer or lost the connection.
    func complete() {
        gate.close()
        let (task, stream) = work.withLock { work -> (Task<Void, Never>?, ResponsePipe?) in
            work.isOver = true
            defer { work.stream = nil }
            let runsOn = route?.finishesWithoutClient == true && work.stream == nil
            return (runsOn ? nil : work.task, work.stream)
        }
        stream?.finish(.cutOff(.clientLeft))
        bodyPipe?.finish(.failure(StreamError.clientLeft))
        bodyPipe = nil
        task?.cancel()
        if reserved > 0 { core.giveBack(reserved) }
        reserved = 0
        settle()
        visit?.end()
        observe(bytesOut: bytesOut + (stream?.total ?? 0))
        client.wait(.idle, until: Monotonic.now + core.timeouts.idle)
        client.end()
        // The drain shuts down the connections that it finds idle; one that becomes idle later does it here.
        if core.isDraining { client.refuse() }
    }

    private func observe(bytesOut: Int) {
        guard let observe = core.configuration.observe else { return }
        observe(
            RequestObservation(
                method: methodName, route: route?.pattern ?? "unmatched", status: status,
                duration: .nanoseconds(Monotonic.now - started), bytesIn: bytesIn, bytesOut: bytesOut,
                id: id, origin: trace, peer: client.peer, client: visit?.client ?? client.peer))
    }
}
