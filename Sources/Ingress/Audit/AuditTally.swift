internal import Runtime

/// What is done too often for a record each: counted by what was done, who did it and from where, until the counts are
/// taken.
struct AuditTally: Sendable {
    struct Key: Sendable, Hashable {
        let event: String
        /// The id of the principal.
        let who: String
        /// The address of the client.
        let peer: String
    }

    struct Entry: Sendable, Hashable {
        /// When the first of these requests was noted.
        let since: Timestamp
        /// The principal's name.
        let name: String
        /// Of the first of these requests.
        let requestID: String
        /// The span of the first of these requests.
        let trace: TraceContext
        /// The id of the first thing that was done, and of the last.
        let first: String
        fileprivate(set) var last: String
        /// Things that were done, and requests that did them.
        fileprivate(set) var count: Int
        fileprivate(set) var requests: Int

        /// What the first request did.
        init(
            since: Timestamp, name: String, requestID: String, trace: TraceContext, first: String, last: String,
            count: Int
        ) {
            self.since = since
            self.name = name
            self.requestID = requestID
            self.trace = trace
            self.first = first
            self.last = last
            self.count = count
            requests = 1
        }

        /// The one id, or how many there are and the ends of them.
        var target: String {
            count == 1
                ? first : "\(count) in \(requests == 1 ? "1 request" : "\(requests) requests"), \(first) to \(last)"
        }
    }

    private var entries: [Key: Entry] = [:]

    /// Counts what one request did.
    /// - Parameter begin: makes the entry of the first request.
    /// - Returns: Whether nothing had been counted since the counts were taken.
    mutating func add(_ key: Key, last: String, count: Int, begin: () -> Entry) -> Bool {
        let isFirst = entries.isEmpty
        if let index = entries.index(forKey: key) {
            entries.values[index].last = last
            entries.values[index].count += count
            entries.values[index].requests += 1
        } else {
            entries[key] = begin()
        }
        return isFirst
    }

    /// What was counted, the oldest first; begins again at nothing.
    mutating func take() -> [(key: Key, entry: Entry)] {
        defer { entries.removeAll(keepingCapacity: true) }
        return entries.sorted { $0.value.since < $1.value.since }.map { ($0.key, $0.value) }
    }
}
