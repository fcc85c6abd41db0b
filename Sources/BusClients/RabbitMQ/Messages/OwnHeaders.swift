/// The headers that this transport adds to a message, and takes off again.
struct OwnHeaders: Sendable, Hashable {
    /// Microseconds since 1970: when the job was enqueued, or the event published.
    var sentAt: Int64?
    /// Deliveries in earlier lives of the job, before delayed retries.
    var attempts: Int?
    /// Why the job died, and when, in microseconds since 1970.
    var reason: String?
    var diedAt: Int64?
    /// The message may be in its queue twice: its confirm was lost with a connection.
    var isResent = false
    /// A message that only marks a place in a history; nobody is given it.
    var isMarker = false

    enum Name {
        static let enqueuedAt: StaticString = "x-flotilla-enqueued-at"
        static let publishedAt: StaticString = "x-flotilla-published-at"
        static let attempts: StaticString = "x-flotilla-attempts"
        static let reason: StaticString = "x-flotilla-reason"
        static let diedAt: StaticString = "x-flotilla-died-at"
        static let isResent: StaticString = "x-flotilla-resent"
        static let isMarker: StaticString = "x-flotilla-marker"
    }
}
