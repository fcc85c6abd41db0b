/// Which of a queue's delay queues a delay belongs to.
///
/// A quorum queue lets a message expire only when it is first in line, so one queue for all delays would make short ones
/// wait for long ones. With buckets a message waits at most twice its delay, and usually no longer than it should.
struct DelayBucket: Sendable, Hashable {
    /// The longest delay in this bucket; delays of more than a day are in the last one all the same.
    let seconds: Int

    static let all: [DelayBucket] = (0...16).map { DelayBucket(seconds: 1 << $0) } + [DelayBucket(seconds: 86400)]

    static func of(_ delay: Duration) -> DelayBucket {
        all.first { delay <= .seconds($0.seconds) } ?? DelayBucket(seconds: 86400)
    }
}
