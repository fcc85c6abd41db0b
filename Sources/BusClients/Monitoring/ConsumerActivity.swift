internal import Runtime
internal import Synchronization

/// What one consumer has in its hands and how it moves.
final class ConsumerActivity: Sendable {
    /// What is consumed.
    enum Source: Sendable, Hashable {
        case queue(QueueName)
        /// Lag is known only where every event is taken.
        case exchange(ExchangeName, takesAll: Bool)
        case topic(Topic, ConsumerGroup?)
    }

    let source: Source
    private let time: any TimeSource
    private let state: Mutex<ConsumerActivityState>

    init(_ source: Source, from positions: [Int: Int64] = [:], time: any TimeSource) {
        self.source = source
        self.time = time
        state = Mutex(ConsumerActivityState(positions: positions, now: time.uptime))
    }

    /// Messages were handed to the worker; returns what `settled` is to be told with the index of one of them.
    func handedOut(_ count: Int) -> UInt64 { state.withLock { $0.handOut(count, now: time.uptime) } }

    func settled(_ batch: UInt64, _ index: Int) { state.withLock { $0.settle(batch, index, now: time.uptime) } }

    /// The worker has left everything behind that it was handed.
    func handledAll() { state.withLock { $0.handleAll(now: time.uptime) } }

    func moved() { state.withLock { $0.lastProgress = time.uptime } }

    /// The consumer is now at these offsets.
    func advanced(to positions: [Int: Int64]) {
        state.withLock { $0.positions.merge(positions) { max($0, $1) } }
    }

    var positions: [Int: Int64] { state.withLock { $0.positions } }

    /// What waits in the broker, as just sampled; `mark` is anything that changes when others move the same queue.
    func sampled(lag: Int64?, mark: Int = 0) { state.withLock { $0.sample(lag: lag, mark: mark, now: time.uptime) } }

    var health: ConsumerHealth { state.withLock { $0.health(of: source, now: time.uptime) } }
}

extension ConsumerActivity.Source {
    /// The queue, exchange or topic.
    var name: String {
        switch self {
        case .queue(let queue): queue.rawValue
        case .exchange(let exchange, _): exchange.rawValue
        case .topic(let topic, _): topic.rawValue
        }
    }

    var group: String? {
        if case .topic(_, let group) = self { group?.rawValue } else { nil }
    }

    var port: PortHealth.Port {
        switch self {
        case .queue: .workQueue
        case .exchange: .eventExchange
        case .topic: .messageLog
        }
    }
}
