import Synchronization

@testable import HTTPKit

/// A policy that refuses what `X-Test` asks it to, and tells when requests settle and end.
final class TestPolicy: RequestPolicy {
    struct Tally: Equatable {
        var admitted = 0
        var settled = 0
        var ended = 0
        var streams = 0
    }

    private struct State {
        var tally = Tally()
        var waiters: [(condition: @Sendable (Tally) -> Bool, signal: TestSignal)] = []
    }

    private let state = Mutex(State())

    var tally: Tally { state.withLock(\.tally) }

    func begin(headers: HTTPHeaders, peer: PeerAddress) -> any RequestVisit {
        Visit(policy: self, client: PeerAddress(host: "192.0.2.1", port: 0, isLoopback: false), headers: headers)
    }

    /// Waits until the tally is so.
    func wait(until condition: @escaping @Sendable (Tally) -> Bool) async {
        let signal = TestSignal()
        let isMet = state.withLock { state in
            if condition(state.tally) { return true }
            state.waiters.append((condition, signal))
            return false
        }
        if !isMet { await signal.wait() }
    }

    fileprivate func count(_ change: (inout Tally) -> Void) {
        let signals = state.withLock { state in
            change(&state.tally)
            let tally = state.tally
            defer { state.waiters.removeAll { $0.condition(tally) } }
            return state.waiters.filter { $0.condition(tally) }.map(\.signal)
        }
        for signal in signals { signal.fire() }
    }
}

private final class Visit: RequestVisit {
    let client: PeerAddress
    private let policy: TestPolicy
    private let headers: HTTPHeaders

    init(policy: TestPolicy, client: PeerAddress, headers: HTTPHeaders) {
        self.policy = policy
        self.client = client
        self.headers = headers
    }

    func admit(_ request: HTTPRequest, isPathKnown: Bool) throws -> HTTPResponse? {
        policy.count { $0.admitted += 1 }
        switch headers.first("X-Test") {
        case "answer": return .text("\(request.route) \(isPathKnown)")
        case "refuse": throw HTTPError(429, "limited", "No.")
        default: return nil
        }
    }

    func openStream() throws {
        if headers.first("X-Test") == "no stream" { throw HTTPError(429, "limited", "No.") }
        policy.count { $0.streams += 1 }
    }

    func amend(_ response: inout HTTPResponse) { response.headers.append("X-Amended", "yes") }

    func settle() { policy.count { $0.settled += 1 } }

    func end() { policy.count { $0.ended += 1 } }
}
