import CHTTP
import Synchronization

extension Exchange {
    /// The headers are complete: finds the route and decides whether the body is wanted.
    func begin(method: UnsafePointer<CChar>) -> Verdict {
        let head = RequestHead(connection)
        let method = HTTPMethod(cString: method)
        if let method { methodName = method.rawValue }
        if let given = head.requestID { id = given }
        headers = head.headers
        bodyKind = head.body
        visit = core.configuration.policy?.begin(headers: head.headers, peer: client.peer)
        do {
            switch try admit(method, head) {
            case .route(let route): return receive(route)
            case .answer(let response): return answerUnread(response, expectsContinue: head.expectsContinue)
            }
        } catch {
            return answerUnread(response(for: error), expectsContinue: head.expectsContinue)
        }
    }

    /// What becomes of a request once its headers are there.
    private enum Admission {
        case route(Route)
        /// The policy has answered.
        case answer(HTTPResponse)
    }

    /// Finds the route and applies every limit that the headers show.
    private func admit(_ method: HTTPMethod?, _ head: RequestHead) throws -> Admission {
        guard !core.isDraining else { throw HTTPError.stopping }
        guard countIn() else { throw HTTPError.overloaded }
        guard bodyKind != .malformed else {
            throw HTTPError(400, "bad_request", "The framing of the request body is contradictory or unknown.")
        }
        guard !isTargetCut else { throw HTTPError(400, "bad_request", "The request target holds a NUL.") }
        let (path, query) = try Self.split(target)
        let match = core.routes.match(method, path: path)
        route = match.route
        let request = HTTPRequest(
            method: method ?? .GET, path: path, query: QueryParameters(raw: query), headers: head.headers,
            parameters: match.parameters, peer: client.peer, route: match.route?.pattern ?? "unmatched", id: id,
            traceSeed: traceSeed, visit: visit)
        self.request = request
        if let response = try visit?.admit(request, isPathKnown: match.isPathKnown) { return .answer(response) }
        let route = try match.found
        try route.admit?(request)
        if case .length(let length) = bodyKind, length > route.bodyLimit { throw HTTPError.payloadTooLarge }
        return .route(route)
    }

    /// Splits a request target (RFC 9112 §3.2) into path and query; the scheme and authority of an absolute one go.
    private static func split(_ target: String) throws(HTTPError) -> (path: String, query: String) {
        var bytes = target.utf8[...]
        if bytes.first != 47 {
            guard bytes.starts(with: "http://".utf8) || bytes.starts(with: "https://".utf8),
                let authority = bytes.firstIndex(of: 47).map({ bytes.index($0, offsetBy: 2) })
            else { throw HTTPError(400, "bad_request", "The request target is not a path.") }
            bytes = bytes[authority...]
            bytes = bytes[(bytes.firstIndex { $0 == 47 || $0 == 63 } ?? bytes.endIndex)...]
            if bytes.first != 47 { return ("/", String(Substring(bytes.dropFirst()))) }
        }
        guard let mark = bytes.firstIndex(of: 63) else {
            return (bytes.count == target.utf8.count ? target : String(Substring(bytes)), "")
        }
        return (String(Substring(bytes[..<mark])), String(Substring(bytes[bytes.index(after: mark)...])))
    }

    /// Starts to receive an admitted request's body.
    private func receive(_ route: Route) -> Verdict {
        if bodyKind != .none, bodyKind != .length(0) {
            bodyStarted = Monotonic.now
            client.wait(.body, until: bodyStarted + core.timeouts.body)
        }
        if case .streaming(let handler) = route.handler {
            let pipe = RequestBodyPipe { [self] in gate.signal() }
            bodyPipe = pipe
            if bodyStarted == 0 {
                // Without a body the library's next call is the one that wants the answer.
                pipe.finish(.success(()))
                phase = .waiting
                start(handler, pipe)
                return .taken
            }
            phase = .opening
            start(handler, pipe)
            return open()
        }
        if case .length(let length) = bodyKind { body.reserveCapacity(min(length, Self.droppedBytes)) }
        phase = .collecting
        return .taken
    }

    /// Answers before the body is read. A short body is dropped to keep the connection; a long one is not
    /// read at all: the library closes the connection after an answer in this state.
    private func answerUnread(_ response: HTTPResponse, expectsContinue: Bool) -> Verdict {
        switch bodyKind {
        case .none, .length(0):
            phase = .dropping(response)
            return .taken
        case .length(let length) where length <= Self.droppedBytes && !expectsContinue:
            bodyStarted = Monotonic.now
            client.wait(.body, until: bodyStarted + core.timeouts.body)
            phase = .dropping(response)
            return .taken
        default:
            client.lingers.store(true, ordering: .relaxed)
            return answer(response)
        }
    }

    /// Takes a piece of a collected body.
    func collect(_ bytes: UnsafeBufferPointer<UInt8>) -> Verdict {
        bytesIn += bytes.count
        guard body.count + bytes.count <= route?.bodyLimit ?? 0 else { return answerNow(.payloadTooLarge) }
        guard core.reserve(bytes.count) else { return answerNow(.overloaded) }
        reserved += bytes.count
        body.append(contentsOf: bytes)
        extendBodyDeadline()
        return .taken
    }

    /// Moves the body's deadline by what has arrived, and by the time that the connection was held back.
    func extendBodyDeadline() {
        let now = Monotonic.now
        if pausedAt != 0 {
            bodyPaused += now - pausedAt
            pausedAt = 0
        }
        client.wait(.body, until: bodyStarted + bodyPaused + core.timeouts.body(bytes: bytesIn))
    }
}
