internal import Contracts
internal import Runtime

/// Decides what there is to say of the hosts: which are up, stale and down.
///
/// A host's silence is measured by this machine's boot clock from when something new of it was seen here, so that steps
/// of anybody's wall clock change nothing, and neither does a fleet or an ingress that was off: everybody is given the
/// time again.
struct HostPresence {
    /// Silences below this are not told of: they are hiccups of the way rather than of the host.
    static let minimumStale: Duration = .seconds(10)
    /// A host with longer intervals is down after so many of them.
    static let intervalsUntilDown = 10

    private struct Seen {
        /// By the log's clock.
        var heardAt: Timestamp
        /// When that was new here, by the boot clock.
        var since: Duration
        /// Whether something new came since the looking began.
        var isFresh: Bool
    }

    /// How long a host may be silent before it is down; more for one that reports seldom.
    let downAfter: Duration
    private var seen: [String: Seen] = [:]

    init(downAfter: Duration) { self.downAfter = downAfter }

    /// Forgets what was seen: nothing could be heard for a while.
    mutating func beginAnew() { seen = [:] }

    /// What has changed since it was last said, by host.
    /// - Parameters:
    ///   - said: The last change of each host that was published.
    mutating func changes(
        of hosts: [String: HostLife], said: [String: HostChange], now: Timestamp, uptime: Duration
    ) -> [HostChange] {
        seen = seen.filter { hosts[$0.key] != nil }
        return hosts.compactMap { host, life in
            let silence = note(host, life, uptime)
            let previous = said[host]
            let state = state(silence, life.ownInterval)
            // What came before it was looked at says nothing of now.
            if state == .up, seen[host]?.isFresh == false { return nil }
            guard let next = Self.next(state, after: previous?.state) else { return nil }
            let told = state == .up ? previous.map { life.heardAt.duration(since: $0.heardAt) } : silence
            return HostChange(
                next, host: host, heardAt: life.heardAt, interval: life.interval,
                silentSeconds: told.map { $0 / .seconds(1) }, at: now)
        }.sorted { $0.host < $1.host }
    }

    /// Answers how long nothing new has come of a host.
    private mutating func note(_ host: String, _ life: HostLife, _ uptime: Duration) -> Duration {
        guard let known = seen[host] else {
            seen[host] = Seen(heardAt: life.heardAt, since: uptime, isFresh: false)
            return .zero
        }
        guard known.heardAt == life.heardAt else {
            seen[host] = Seen(heardAt: life.heardAt, since: uptime, isFresh: true)
            return .zero
        }
        return uptime - known.since
    }

    private func state(_ silence: Duration, _ interval: Duration) -> HostChange.State {
        if silence >= Self.limit(downAfter, interval) { return .down }
        return silence >= max(Self.minimumStale, interval * 3) ? .stale : .up
    }

    /// How long a host of this interval may be silent before it is down.
    static func limit(_ downAfter: Duration, _ interval: Duration) -> Duration {
        max(downAfter, interval * intervalsUntilDown)
    }

    /// What to say; a host that is down is not stale before it is up.
    private static func next(_ state: HostChange.State, after previous: HostChange.State?) -> HostChange.State? {
        if state == previous || (state == .stale && previous == .down) { return nil }
        return state
    }
}
