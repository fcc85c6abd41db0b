/// The pure part of `ConsumerActivity`. Times are uptimes.
struct ConsumerActivityState {
    /// Messages that were handed out together.
    private struct Batch {
        let id: UInt64
        let handedOutAt: Duration
        var isSettled: [Bool]
        var remaining: Int
    }

    /// The next offset of each partition.
    var positions: [Int: Int64]
    var lastProgress: Duration
    private var batches: [Batch] = []
    private var nextBatch: UInt64 = 0
    private var lag: Int64?
    private var mark = 0
    /// When the lag was last seen to begin.
    private var lagSince: Duration?

    init(positions: [Int: Int64], now: Duration) {
        self.positions = positions
        lastProgress = now
    }

    mutating func handOut(_ count: Int, now: Duration) -> UInt64 {
        nextBatch += 1
        batches.append(
            Batch(
                id: nextBatch, handedOutAt: now, isSettled: Array(repeating: false, count: count), remaining: count))
        lastProgress = now
        return nextBatch
    }

    /// A second settlement changes nothing.
    mutating func settle(_ batch: UInt64, _ index: Int, now: Duration) {
        // Batches are few: the prefetch bounds what is in hand.
        guard let position = batches.firstIndex(where: { $0.id == batch }), !batches[position].isSettled[index] else {
            return
        }
        batches[position].isSettled[index] = true
        batches[position].remaining -= 1
        if batches[position].remaining == 0 { batches.remove(at: position) }
        lastProgress = now
    }

    mutating func handleAll(now: Duration) {
        guard !batches.isEmpty else { return }
        batches.removeAll()
        lastProgress = now
    }

    mutating func sample(lag: Int64?, mark: Int, now: Duration) {
        if mark != self.mark { lastProgress = now }
        self.mark = mark
        self.lag = lag
        if lag ?? 0 > 0 { lagSince = lagSince ?? now } else { lagSince = nil }
    }

    func health(of source: ConsumerActivity.Source, now: Duration) -> ConsumerHealth {
        let sinceProgress = max(.zero, now - lastProgress)
        let oldest = batches.first.map { max(.zero, now - $0.handedOutAt) }
        let waiting = lagSince.map { max(.zero, now - $0) }
        // Work that has just come is not stuck, however long nothing had to move before.
        let standing = max(oldest ?? .zero, waiting ?? .zero)
        return ConsumerHealth(
            source: source.name, group: source.group, unsettled: batches.reduce(0) { $0 + $1.remaining },
            oldestUnsettled: oldest, lag: lag, sinceProgress: sinceProgress,
            isStuck: min(standing, sinceProgress) > BusHealth.stuckAfter)
    }
}
