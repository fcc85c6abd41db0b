internal import Synchronization

/// Counts what every principal has open; holds nothing of those who have nothing open.
final class ConcurrencyLimits: Sendable {
    private enum Kind {
        case request, stream
    }

    private struct Use {
        var requests = 0
        var streams = 0

        subscript(kind: Kind) -> Int {
            get { kind == .request ? requests : streams }
            set { if kind == .request { requests = newValue } else { streams = newValue } }
        }
    }

    private let maximumRequests: Int
    private let maximumStreams: Int
    private let uses = Mutex<[String: Use]>([:])

    /// 0 is no limit.
    init(maximumRequests: Int, maximumStreams: Int) {
        self.maximumRequests = maximumRequests
        self.maximumStreams = maximumStreams
    }

    /// Counts a request in; false when the principal has too many.
    func beginRequest(of principal: String) -> Bool {
        begin(.request, of: principal, atMost: maximumRequests)
    }

    /// Counts a stream in; false when the principal has too many.
    func beginStream(of principal: String) -> Bool {
        begin(.stream, of: principal, atMost: maximumStreams)
    }

    /// Counts out a request that was counted in.
    func endRequest(of principal: String) { end(.request, of: principal) }

    /// Counts out a stream that was counted in.
    func endStream(of principal: String) { end(.stream, of: principal) }

    /// How many principals have something open.
    var count: Int { uses.withLock(\.count) }

    private func begin(_ kind: Kind, of principal: String, atMost limit: Int) -> Bool {
        uses.withLock { uses in
            var use = uses[principal] ?? Use()
            guard limit == 0 || use[kind] < limit else { return false }
            use[kind] += 1
            uses[principal] = use
            return true
        }
    }

    private func end(_ kind: Kind, of principal: String) {
        uses.withLock { uses in
            guard var use = uses[principal] else { return }
            use[kind] -= 1
            uses[principal] = use.requests > 0 || use.streams > 0 ? use : nil
        }
    }
}
