import CSystem
import Glibc

/// One POSIX thread with a name, which takes no signals but those of its own faults.
///
/// Must be joined or detached once.
struct NativeThread: Sendable {
    private let identifier: pthread_t

    /// Whether the caller runs on this thread.
    var isCurrent: Bool { pthread_equal(identifier, pthread_self()) != 0 }

    /// Starts a thread; the body runs on it once.
    /// - Parameter name: As tools show it; cut to 15 bytes, the kernel's limit.
    init(name: String, _ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var identifier = pthread_t()
        var previous = sigset_t()
        flotilla_block_signals(&previous)
        let code = pthread_create(&identifier, nil, Self.main, start.toOpaque())
        flotilla_restore_signals(&previous)
        // Only a machine out of threads gets here, where the language's own pool ends the process as well.
        precondition(code == 0, "cannot start thread \(name): error \(code)")
        self.identifier = identifier
    }

    /// Waits until the body has returned.
    func join() { pthread_join(identifier, nil) }

    /// Lets the thread end by itself.
    func detach() { pthread_detach(identifier) }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        _ = flotilla_name_thread(String(decoding: start.name.utf8.prefix(15), as: UTF8.self))
        start.body()
        return nil
    }

    /// What a new thread is handed.
    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
