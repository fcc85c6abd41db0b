import CSystem
import Glibc
import Synchronization

/// Writes log lines to a descriptor, each with one `write`.
///
/// A reader that is slow holds the first line up for at most 100 ms; from then on lines are dropped, and counted, until
/// it reads again. A closed descriptor or a reader that left drops them as well. Neither raises SIGPIPE.
final class LogDescriptor: LogOutput {
    /// How long one line may wait for a reader, in milliseconds.
    private static let patience: Int32 = 100

    private let descriptor: Int32
    private let isOwned: Bool
    private let kind: Kind
    private let state = Mutex(State())

    private enum Kind { case file, stream, socket }

    private struct State {
        var dropped = 0
        /// Whether the last write could not be finished: the reader is not waited for again until one succeeds.
        var isStalled = false
        /// Whether part of a line was written, so that the next must begin with a newline.
        var isTorn = false
    }

    init(_ descriptor: Int32) {
        var status = stat()
        let mode = fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : S_IFREG
        switch mode {
        case S_IFIFO, S_IFCHR:
            kind = .stream
            // A description of our own, because O_NONBLOCK on the given one would change it for every process that
            // shares it. Refused to a process that has changed its user: then the given one is used with care.
            let own = open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
            self.descriptor = own >= 0 ? own : descriptor
            isOwned = own >= 0
        default:
            kind = mode == S_IFSOCK ? .socket : .file
            self.descriptor = descriptor
            isOwned = false
        }
    }

    deinit { if isOwned { close(descriptor) } }

    func write(_ line: [UInt8], notice: (Int) -> [UInt8]) {
        state.withLock { state in
            var bytes = line
            if state.dropped > 0 { bytes = notice(state.dropped) + bytes }
            if state.isTorn { bytes.insert(UInt8(ascii: "\n"), at: 0) }
            let written = writeAll(bytes, patience: state.isStalled ? 0 : Self.patience)
            if written == bytes.count {
                state = State()
            } else {
                state.dropped += 1
                state.isStalled = true
                state.isTorn = written > 0 || state.isTorn
            }
        }
    }

    /// How many bytes were written before an error or the end of the patience.
    private func writeAll(_ bytes: [UInt8], patience: Int32) -> Int {
        var written = 0
        var mayWait = patience > 0
        while written < bytes.count {
            if kind == .stream, !isOwned, !isWritable(within: mayWait ? patience : 0) { return written }
            let count = writeOnce(bytes[written...])
            if count > 0 {
                written += count
            } else if errno == EAGAIN, mayWait {
                mayWait = false
                if !isWritable(within: patience) { return written }
            } else if errno != EINTR {
                return written
            }
        }
        return written
    }

    private func writeOnce(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.withUnsafeBytes { bytes in
            switch kind {
            case .file: Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            case .stream: flotilla_write_quietly(descriptor, bytes.baseAddress, bytes.count)
            case .socket:
                send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
            }
        }
    }

    private func isWritable(within milliseconds: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&request, 1, milliseconds) == 1 && request.revents & Int16(POLLOUT) != 0
    }
}
