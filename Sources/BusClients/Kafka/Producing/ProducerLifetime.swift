/// When a producer's client is given up, and how: the pure part of `ProducerClient`.
///
/// Appends of a partition that does not move end together, so that no record follows a hole: the client takes no new
/// ones, those that move get `drain` to end, and then the client is purged with what is left. Another client has taken
/// over meanwhile.
struct ProducerLifetime {
    enum Phase: Equatable {
        /// Takes appends; the next look at their deadlines is due then.
        case active(nextLook: Duration)
        /// Takes none; those in flight may end until then.
        case draining(until: Duration)
        /// Purged; reports of all records are due until then.
        case purging(until: Duration)
        case over
    }

    enum Action: Equatable {
        case wait(until: Duration)
        /// Take no more appends; a successor does.
        case retire
        /// Give up every record.
        case purge
        /// Nothing is left to come.
        case end
    }

    /// How long a purged record's report may take: the library's threads are at work or stuck in a name look-up.
    static let purgeTime: Duration = .seconds(2)
    /// How long appends may still end when the client closes.
    static let closeTime: Duration = .seconds(5)

    private(set) var phase: Phase
    private let deliveryTimeout: Duration
    /// How long before the first deadline the client is given up.
    private var drain: Duration { min(deliveryTimeout / 8, .seconds(2)) }

    init(deliveryTimeout: Duration, now: Duration) {
        self.deliveryTimeout = deliveryTimeout
        phase = .active(nextLook: now)
    }

    /// What the client sees of its appends.
    struct View {
        var now: Duration
        /// The first deadline of the appends in flight; asked only when it matters.
        var oldestDeadline: () -> Duration?
        /// Whether no append is in flight; asked only when it matters.
        var isIdle: () -> Bool
        /// Whether a caller is handing records over just now; asked only when it matters.
        var isEnqueuing: () -> Bool
        /// Whether librdkafka can do nothing more with this client.
        var isBroken: Bool
        var isClosing: Bool
    }

    mutating func next(_ view: View) -> Action {
        switch phase {
        case .active(let nextLook):
            if view.isBroken || view.isClosing {
                return retire(until: view.now + (view.isClosing ? Self.closeTime : drain))
            }
            guard view.now >= nextLook else { return .wait(until: nextLook) }
            let oldest = view.oldestDeadline()
            if let oldest, oldest - drain <= view.now { return retire(until: oldest) }
            // Whoever comes from now on has at least half of the time left: `Producer` admits nobody later.
            let look = min(oldest ?? .seconds(Int64.max), view.now + deliveryTimeout / 2) - drain
            phase = .active(nextLook: look)
            return .wait(until: look)
        case .draining(let until):
            if view.isIdle() { return end() }
            let until = view.isClosing ? min(until, view.now + Self.closeTime) : until
            phase = .draining(until: until)
            guard view.now >= until else { return .wait(until: until) }
            // A purge between two records of one call would make a hole. Handing over does not block.
            guard !view.isEnqueuing() else { return .wait(until: view.now + .milliseconds(5)) }
            phase = .purging(until: view.now + Self.purgeTime)
            return .purge
        case .purging(let until):
            return view.isIdle() || view.now >= until ? end() : .wait(until: until)
        case .over: return .end
        }
    }

    private mutating func retire(until: Duration) -> Action {
        phase = .draining(until: until)
        return .retire
    }

    private mutating func end() -> Action {
        phase = .over
        return .end
    }
}
