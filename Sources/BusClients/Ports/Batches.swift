/// What a consumer, subscription or follower receives: each element is what was ready, at least one item, in order.
///
/// The sequence waits when there is nothing; what is not asked for stays on the bus. It ends when its task is cancelled
/// or the bus closes.
public struct Batches<Item: Sendable>: AsyncSequence, Sendable {
    public typealias Element = [Item]
    public typealias Failure = BusError

    let source: any BatchSource<Item>

    package init(_ source: any BatchSource<Item>) { self.source = source }

    public func makeAsyncIterator() -> Iterator { Iterator(source: source) }

    /// Asks the source for the next batch.
    public struct Iterator: AsyncIteratorProtocol {
        let source: any BatchSource<Item>

        public mutating func next() async throws(BusError) -> [Item]? { try await source.next() }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(BusError) -> [Item]? {
            try await source.next()
        }
    }
}

/// Where a sequence of batches comes from; one per transport.
package protocol BatchSource<Item>: AnyObject, Sendable {
    associatedtype Item: Sendable

    /// The next batch, at least one item; nil at the end (cancelled or closed).
    func next() async throws(BusError) -> [Item]?
}
