import BusClients
import Contracts
import Runtime
import Synchronization

/// The commands that shall not be published, as `command_cancellations` retains them.
///
/// It is read to its end before a pusher takes its first job and before it decides on one that comes again, so that what
/// another pusher has decided is decided alike; between these it is followed. A cancellation that is heard of too late changes nothing.
final class Cancellations: Sendable {
    /// Beyond so many the oldest are forgotten: more than the exchange retains.
    private static let capacity = 100_000
    /// An exchange that is silent for so long has given all it has: the last offset may be no event's.
    private static let quiet: Duration = .seconds(5)

    fileprivate struct State {
        var known: [String: CommandCancellation] = [:]
        var order: [String] = []
        /// Where `order` begins.
        var start = 0
        var next: Int64 = 0
        /// Up to here everything was read, or is no event.
        var settled: Int64 = 0
    }

    private let state = Mutex(State())
    private let exchange: ExchangeName
    private let time: any TimeSource
    private let logger: Logger

    init(exchange: ExchangeName, time: any TimeSource, logger: Logger) {
        self.exchange = exchange
        self.time = time
        self.logger = logger
    }

    subscript(requestID: String) -> CommandCancellation? { state.withLock { $0.known[requestID] } }

    var isEmpty: Bool { state.withLock { $0.known.isEmpty } }

    /// Reads what is there now.
    /// - Throws: `BusError`, `CancellationError`.
    func catchUp(_ events: any EventExchange) async throws {
        let range = try await events.history(of: exchange)
        guard !range.isEmpty, state.withLock({ max($0.next, $0.settled) < range.upperBound }) else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.read(events, until: range.upperBound) }
            group.addTask { try await self.waitForQuiet() }
            defer { group.cancelAll() }
            try await group.next()
        }
        state.withLock { $0.settled = max($0.settled, range.upperBound) }
    }

    /// However long it takes to read: what was not heard of yet might be published though somebody was told otherwise.
    private func waitForQuiet() async throws {
        var read: Int64
        repeat {
            read = state.withLock { $0.next }
            try await time.sleep(for: Self.quiet)
        } while state.withLock({ $0.next }) != read
    }

    private func read(_ events: any EventExchange, until end: Int64) async throws(BusError) {
        var iterator = try await subscribe(events)
        while state.withLock({ $0.next < end }), let some = try await iterator.next() { add(some) }
    }

    /// Goes on until it is cancelled or the bus closes.
    func follow(_ events: any EventExchange) async {
        while !Task.isCancelled {
            do throws(BusError) {
                var iterator = try await subscribe(events)
                while let some = try await iterator.next() { add(some) }
                return
            } catch {
                logger.warning("cancellations not followed", ["error": "\(error)"])
            }
            // Cancelled: the loop ends by itself.
            try? await time.sleep(for: .seconds(1))
        }
    }

    private func subscribe(_ events: any EventExchange) async throws(BusError) -> Events.Iterator {
        let next = state.withLock { $0.next }
        let start: HistoryPosition = next == 0 ? .first : .offset(next)
        return try await events.subscribe(to: exchange, matching: [.all], from: start).makeAsyncIterator()
    }

    private func add(_ events: [RecordedEvent]) {
        for event in events {
            let cancellation: CommandCancellation?
            do {
                cancellation = try CommandCancellation(json: event.message.body)
            } catch {
                logger.error("cancellation unreadable", ["error": "\(error)"])
                cancellation = nil
            }
            state.withLock { state in
                state.next = max(state.next, event.offset + 1)
                if let cancellation { state.add(cancellation, capacity: Self.capacity) }
            }
        }
    }
}

extension Cancellations.State {
    /// The first who asked stays the one.
    fileprivate mutating func add(_ cancellation: CommandCancellation, capacity: Int) {
        guard known[cancellation.requestID] == nil else { return }
        known[cancellation.requestID] = cancellation
        order.append(cancellation.requestID)
        guard known.count > capacity else { return }
        known[order[start]] = nil
        start += 1
        if start > capacity / 2 {
            order.removeFirst(start)
            start = 0
        }
    }
}
