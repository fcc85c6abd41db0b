import CHTTP
import Synchronization

/// A connection as the C library knows it.
///
/// `@unchecked`: the pointer is used on the connection's event loop, or by ``ResumeGate`` under its lock while the
/// connection is suspended and so can't be freed.
struct ConnectionHandle: @unchecked Sendable {
    let pointer: OpaquePointer
}

/// Suspends a connection on its event loop until some thread signals: a binary semaphore over suspend and resume.
///
/// Every suspension ends in exactly one resume, because both happen under one lock. A signal that comes while the
/// connection isn't parked is kept, so the loop must look again for what it waited for after each `park`.
struct ResumeGate: ~Copyable, Sendable {
    // Not private: the compiler of 6.3.1 crashes on a private type in a non-copyable one that another file embeds.
    struct State {
        var isParked = false
        var isSignalled = false
        /// Set when the exchange is over or the server closes: nothing parks any more.
        var isClosed = false
    }

    private let connection: ConnectionHandle
    private let state = Mutex(State())

    init(_ connection: ConnectionHandle) {
        self.connection = connection
    }

    /// Suspends the connection unless a signal is waiting; event loop only, inside a callback of the library.
    ///
    /// - Parameter isClosing: whether the server closes; read under the lock, so that a close that missed this gate is
    ///   seen here.
    /// - Returns: whether it is suspended; if not, look again for what the signal brought.
    func park(unless isClosing: @autoclosure () -> Bool) -> Bool {
        state.withLock { state in
            if state.isSignalled || state.isClosed || isClosing() {
                state.isSignalled = false
                return false
            }
            state.isParked = true
            MHD_suspend_connection(connection.pointer)
            return true
        }
    }

    /// Lets the event loop look again; from any thread, any number of times.
    func signal() {
        state.withLock { state in
            guard !state.isClosed else { return }
            resume(&state)
        }
    }

    /// Ends the gate: a parked connection is resumed, later parks return at once, later signals do nothing.
    func close() {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isClosed = true
            if state.isParked { resume(&state) }
        }
    }

    private func resume(_ state: inout State) {
        if state.isParked {
            state.isParked = false
            MHD_resume_connection(connection.pointer)
        } else {
            state.isSignalled = true
        }
    }
}
