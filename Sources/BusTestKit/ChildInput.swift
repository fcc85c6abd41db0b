internal import Glibc
internal import Synchronization

/// This process's end of a child's standard input: a socket, because a write to a pipe that nobody reads any more
/// raises SIGPIPE.
final class ChildInput: Sendable {
    private let descriptor: Mutex<Int32?>

    private init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    deinit { close() }

    /// Both ends; the caller closes the child's once the child has it.
    static func pair() throws -> (ours: ChildInput, theirs: Int32) {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw ChildFailure("socketpair: errno \(errno)") }
        return (ChildInput(ends[0]), ends[1])
    }

    func write(_ text: String) throws {
        try descriptor.withLock { descriptor in
            guard let descriptor else { throw ChildFailure("the child's input is closed") }
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw ChildFailure("the child reads no more: errno \(errno)") }
                rest = rest.dropFirst(count)
            }
        }
    }

    func close() {
        descriptor.withLock { descriptor in
            if let open = descriptor { _ = Glibc.close(open) }
            descriptor = nil
        }
    }

    /// Tells whoever still reads that there is no more, waits until nobody reads, 5 s at most, and closes.
    func closeWhenUnread() {
        descriptor.withLock { descriptor in
            guard let open = descriptor else { return }
            shutdown(open, Int32(SHUT_WR))
            var watched = pollfd(fd: open, events: 0, revents: 0)
            while poll(&watched, 1, 5_000) < 0, errno == EINTR {}
            _ = Glibc.close(open)
            descriptor = nil
        }
    }
}
