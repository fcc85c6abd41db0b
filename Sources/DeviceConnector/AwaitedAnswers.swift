/// The commands whose devices have not answered yet.
struct AwaitedAnswers {
    struct Awaited: Sendable {
        var requestID: String
        var deviceID: String
        /// By uptime: a wall clock may be set.
        var deadline: Duration
        var topic: String
    }

    private let maximum: Int
    private var awaited: [String: Awaited] = [:]

    init(maximum: Int) { self.maximum = maximum }

    /// At the bound it is not kept.
    mutating func add(_ one: Awaited) {
        if awaited.count < maximum || awaited[one.requestID] != nil { awaited[one.requestID] = one }
    }

    /// A device has answered; whether its answer was waited for.
    mutating func remove(_ requestID: String) -> Bool { awaited.removeValue(forKey: requestID) != nil }

    /// Takes out those whose time is over.
    mutating func takeOverdue(_ uptime: Duration) -> [Awaited] {
        let over = awaited.values.filter { $0.deadline <= uptime }.sorted { $0.deadline < $1.deadline }
        for one in over { awaited[one.requestID] = nil }
        return over
    }

    var firstDeadline: Duration? { awaited.values.lazy.map(\.deadline).min() }
}
