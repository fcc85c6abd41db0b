import Synchronization

/// The bytes between the event loop, which receives a request's body, and the handler, which reads it.
///
/// Holds at most ``highWater`` bytes plus one receive buffer of the connection; beyond that the connection is suspended
/// until less than ``lowWater`` is left.
final class RequestBodyPipe: Sendable {
    static let highWater = 256 * 1024
    static let lowWater = 64 * 1024

    private struct State {
        var buffer: [UInt8] = []
        var isDemanded = false
        var isFull = false
        var end: Result<Void, any Error>?
        var waiter: CheckedContinuation<[UInt8]?, any Error>?
    }

    /// What a reader finds.
    private enum Reading {
        case chunk([UInt8], makesRoom: Bool)
        case end(Result<Void, any Error>)
        case wait(isFirstDemand: Bool)
    }

    private let state = Mutex(State())
    private let signal: @Sendable () -> Void

    /// - Parameter signal: wakes the event loop when the reader first asks and when it has made room.
    init(signal: @escaping @Sendable () -> Void) {
        self.signal = signal
    }

    /// Whether the handler has asked for the body.
    var isDemanded: Bool { state.withLock(\.isDemanded) }

    /// Takes bytes from the connection; false when they must be offered again after a signal.
    func offer(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let waiter: CheckedContinuation<[UInt8]?, any Error>?
        let isTaken: Bool
        (isTaken, waiter) = state.withLock { state in
            if let waiter = state.waiter {
                state.waiter = nil
                return (true, waiter)
            }
            guard state.end == nil else { return (true, nil) }
            guard state.buffer.count < Self.highWater else {
                state.isFull = true
                return (false, nil)
            }
            state.buffer.append(contentsOf: bytes)
            return (true, nil)
        }
        waiter?.resume(returning: Array(bytes))
        return isTaken
    }

    /// Ends the body: complete, or with the error that the reader gets after the bytes that arrived. The first end counts.
    func finish(_ end: Result<Void, any Error>) {
        let waiter = state.withLock { state -> CheckedContinuation<[UInt8]?, any Error>? in
            guard state.end == nil else { return nil }
            state.end = end
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(with: end.map { nil })
    }

    /// The next bytes, all that have arrived; nil at the end.
    func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try Task.checkCancellation()
            return try await withCheckedThrowingContinuation { continuation in
                switch state.withLock({ Self.read(&$0, continuation) }) {
                case .chunk(let chunk, let makesRoom):
                    if makesRoom { signal() }
                    continuation.resume(returning: chunk)
                case .end(let end):
                    continuation.resume(with: end.map { nil })
                case .wait(let isFirstDemand):
                    if isFirstDemand { signal() }
                    if Task.isCancelled { cancel() }
                }
            }
        } onCancel: {
            cancel()
        }
    }

    private static func read(_ state: inout State, _ continuation: CheckedContinuation<[UInt8]?, any Error>) -> Reading
    {
        if !state.buffer.isEmpty {
            let chunk = state.buffer
            state.buffer = []
            defer { state.isFull = false }
            return .chunk(chunk, makesRoom: state.isFull)
        }
        if let end = state.end { return .end(end) }
        guard state.waiter == nil else { return .end(.failure(StreamError.ended)) }
        state.waiter = continuation
        defer { state.isDemanded = true }
        return .wait(isFirstDemand: !state.isDemanded)
    }

    private func cancel() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(throwing: CancellationError())
    }
}
