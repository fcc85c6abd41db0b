import Synchronization

/// The bytes between a response's task, which writes them, and the event loop, which sends them.
///
/// Holds at most ``capacity`` bytes; writers wait in order beyond that.
final class ResponsePipe: Sendable {
    static let capacity = 64 * 1024

    private struct Waiter {
        let id: UInt64
        let bytes: ArraySlice<UInt8>
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var buffer: [UInt8] = []
        var sent = 0
        var total = 0
        var waiters: [Waiter] = []
        var nextID: UInt64 = 0
        var isReaderWaiting = false
        var end: End?

        var buffered: Int { buffer.count - sent }

        var isCutOff: Bool { if case .cutOff = end { true } else { false } }
    }

    /// How a body ends.
    enum End: Sendable {
        /// All was written: what is buffered is sent, then the end mark.
        case complete
        /// As `complete`, but later writes get this error.
        case completeBecause(StreamError)
        /// Nothing more is sent and the connection closes without the end mark; writers get the error.
        case cutOff(StreamError)

        var writerError: StreamError {
            switch self {
            case .complete: .ended
            case .completeBecause(let error), .cutOff(let error): error
            }
        }
    }

    /// What the event loop gets.
    enum Reading: Equatable {
        case bytes(Int)
        case empty
        case end
        case failed
    }

    private let state = Mutex(State())
    private let signal: @Sendable () -> Void

    /// - Parameter signal: wakes the event loop when there is something to send, or the end.
    init(signal: @escaping @Sendable () -> Void) {
        self.signal = signal
    }

    /// Bytes that were handed to the connection so far.
    var total: Int { state.withLock(\.total) }

    /// Appends bytes, waiting while the client is slow.
    ///
    /// - Throws: ``StreamError`` when the client has left or the server stops, `CancellationError` when cancelled.
    func write(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        repeat {
            let piece = rest.prefix(Self.capacity)
            rest = rest.dropFirst(piece.count)
            try await writePiece(piece)
        } while !rest.isEmpty
    }

    private func writePiece(_ piece: ArraySlice<UInt8>) async throws {
        try Task.checkCancellation()
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let waiter = Waiter(id: id, bytes: piece, continuation: continuation)
                let (result, wakes) = state.withLock { Self.append(waiter, &$0) }
                if wakes { signal() }
                if let result {
                    continuation.resume(with: result)
                } else if Task.isCancelled {
                    cancel(id)
                }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Appends the piece or queues the writer; the result is nil when it waits.
    private static func append(_ waiter: Waiter, _ state: inout State) -> (Result<Void, any Error>?, wakes: Bool) {
        if let end = state.end { return (.failure(end.writerError), false) }
        guard state.waiters.isEmpty, state.buffered == 0 || state.buffered + waiter.bytes.count <= capacity else {
            state.waiters.append(waiter)
            return (nil, false)
        }
        state.buffer.append(contentsOf: waiter.bytes)
        defer { state.isReaderWaiting = false }
        return (.success(()), state.isReaderWaiting)
    }

    /// Copies what there is into `target`; event loop only. After `.empty` a signal follows.
    func read(into target: UnsafeMutableRawBufferPointer) -> Reading {
        let (reading, writers) = state.withLock { state -> (Reading, [Waiter]) in
            let count = min(target.count, state.buffered)
            guard count > 0 else {
                switch state.end {
                case .complete, .completeBecause: return (.end, [])
                case .cutOff: return (.failed, [])
                case nil:
                    state.isReaderWaiting = true
                    return (.empty, [])
                }
            }
            state.buffer.withUnsafeBytes { bytes in
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[state.sent..<(state.sent + count)]))
            }
            state.sent += count
            state.total += count
            if state.sent == state.buffer.count {
                state.buffer.removeAll(keepingCapacity: true)
                state.sent = 0
            }
            return (.bytes(count), Self.admit(&state))
        }
        for writer in writers { writer.continuation.resume() }
        return reading
    }

    /// Moves waiting writers' bytes into the buffer while there is room.
    private static func admit(_ state: inout State) -> [Waiter] {
        guard !state.waiters.isEmpty, state.buffered <= capacity / 2 else { return [] }
        state.buffer.removeFirst(state.sent)
        state.sent = 0
        var admitted: [Waiter] = []
        while let waiter = state.waiters.first,
            state.buffered == 0 || state.buffered + waiter.bytes.count <= capacity
        {
            state.buffer.append(contentsOf: waiter.bytes)
            admitted.append(waiter)
            state.waiters.removeFirst()
        }
        return admitted
    }

    /// Ends the body. The first end counts, but a cut-off still cuts off a body whose end isn't sent.
    /// - Parameter farewell: Sent before the end, unless a writer waits with bytes that would be missing before it.
    /// - Parameter onlyIfOpen: Whether an end that is there already stays, also where this is a cut-off.
    func finish(_ end: End, farewell: [UInt8] = [], onlyIfOpen: Bool = false) {
        let waiters = state.withLock { state -> [Waiter]? in
            if onlyIfOpen, state.end != nil { return nil }
            if case .cutOff = end {
                state.buffer = []
                state.sent = 0
            } else if state.end != nil {
                return nil
            }
            state.end = end
            if state.waiters.isEmpty, !state.isCutOff { state.buffer.append(contentsOf: farewell) }
            defer { state.waiters = [] }
            return state.waiters
        }
        guard let waiters else { return }
        for waiter in waiters { waiter.continuation.resume(throwing: end.writerError) }
        signal()
    }

    /// Cuts off a body whose writer failed. One that has an end already, as by a drain, is still sent to that end.
    func fail(_ error: StreamError) {
        finish(.cutOff(error), onlyIfOpen: true)
    }

    private func cancel(_ id: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }
}
