/// Samples that the bus has not taken yet, oldest first, up to a bound: at the bound the oldest is dropped.
struct UnsentSamples<Sample> {
    let limit: Int
    private var samples: [Sample] = []
    /// How many of the first ones are being sent.
    private var sending = 0

    init(limit: Int) { self.limit = limit }

    var count: Int { samples.count }

    /// What waits and what is being sent, oldest first.
    var all: [Sample] { samples }

    /// Adds a sample. Returns how many were dropped for it.
    mutating func add(_ sample: Sample) -> Int {
        samples.append(sample)
        return trim()
    }

    /// What to send now; empty when there is nothing.
    mutating func take() -> [Sample] {
        sending = samples.count
        return samples
    }

    /// What was taken is sent, or will never be. Returns how many of those were still here.
    @discardableResult
    mutating func finish() -> Int {
        defer { sending = 0 }
        samples.removeFirst(sending)
        return sending
    }

    /// What was taken could not be sent and stays.
    mutating func keep() { sending = 0 }

    private mutating func trim() -> Int {
        let surplus = samples.count - limit
        guard surplus > 0 else { return 0 }
        samples.removeFirst(surplus)
        // They may yet arrive; if so, nothing was lost but a place.
        sending = max(sending - surplus, 0)
        return surplus
    }
}
