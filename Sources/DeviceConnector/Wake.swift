/// Wakes one task that waits, at once when it was asked before it waits.
struct Wake: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func signal() { continuation.yield() }

    /// Ends the waiting for good.
    func end() { continuation.finish() }

    /// Returns when it was asked to; false when it ended or the task is cancelled, and ever after.
    func wait() async -> Bool {
        var iterator = stream.makeAsyncIterator()
        return await iterator.next() != nil
    }
}
