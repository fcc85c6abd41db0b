import Glibc

/// A file of `/proc` or `/sys` whose descriptor is kept open and read from its beginning each time.
///
/// A file that is missing or fails is tried again at the next reading. Belongs to one thread.
final class KernelFile {
    /// The path below the root, for errors.
    let source: String
    private let path: String
    private let hasLongRecords: Bool
    private var descriptor: Int32 = -1

    /// So little is all that a file holds: the kernel hands out what fits into a page (fs/seq_file.c), but for a record
    /// that the rest of the page is too small for.
    private static let shortBytes = 1024
    private static let pageBytes = 4096

    /// - Parameters:
    ///   - root: the folder that stands for `/`, without a slash at its end.
    ///   - hasLongRecords: whether it may hold, after others, a record of more than 3,000 bytes: those with paths.
    init(root: String, _ source: String, hasLongRecords: Bool = false) {
        self.source = source
        self.hasLongRecords = hasLongRecords
        path = root + source
    }

    deinit { close() }

    /// Hands the contents to `body`; the bytes are valid only during the call.
    func read<T>(
        _ buffer: ReadBuffer, _ body: (UnsafeRawBufferPointer) throws(ProbeError) -> T
    ) throws(ProbeError) -> T {
        try open()
        var length = 0
        while true {
            if length == buffer.bytes.count, !buffer.grow() { throw ProbeError(.tooLarge, source: source) }
            let free = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[length...])
            let count = pread(descriptor, free.baseAddress, free.count, off_t(length))
            if count > 0 {
                length += count
                // Without asking for the end: half of all calls.
                if length < Self.shortBytes, free.count >= Self.pageBytes, !hasLongRecords { break }
            } else if count == 0 {
                break
            } else if errno != EINTR {
                let code = errno
                close()
                throw ProbeError(.unreadable, source: source, underlyingCode: code)
            }
        }
        return try body(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<length]))
    }

    /// Whether the kernel says that the contents changed since the last reading: `true` for what cannot say it.
    ///
    /// Only `/proc/<pid>/mountinfo` and its like raise POLLPRI (proc(5)).
    func mayHaveChanged() -> Bool {
        guard descriptor >= 0 else { return true }
        var information = stat()
        // Files of procfs have the size 0; a copy of one has another, and no way to tell.
        guard fstat(descriptor, &information) == 0, information.st_size == 0 else { return true }
        var request = pollfd(fd: descriptor, events: Int16(POLLPRI), revents: 0)
        return poll(&request, 1, 0) != 0
    }

    private func open() throws(ProbeError) {
        guard descriptor < 0 else { return }
        descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor < 0 else { return }
        let code = errno
        throw ProbeError(
            code == ENOENT || code == ENOTDIR ? .missing : .unreadable, source: source, underlyingCode: code)
    }

    private func close() {
        guard descriptor >= 0 else { return }
        _ = Glibc.close(descriptor)
        descriptor = -1
    }
}
