import Glibc

/// `/proc`, kept open: its processes are listed and their files opened relative to it. Belongs to one thread.
final class ProcessFolder {
    /// What came of reading one file.
    enum Contents<Value> {
        case value(Value)
        /// The process has ended.
        case gone
        /// Not for this process to read.
        case unreadable
    }

    private let path: String
    private var folder: OpaquePointer?
    /// Where the bytes of one file go; what does not fit is not read.
    private let buffer: UnsafeMutableRawBufferPointer
    private var kept = KeptDescriptors()
    /// Only what the kernel hands out ends with its process.
    private var isOfKernel = false

    /// - Parameter root: the folder that stands for `/`, without a slash at its end.
    init(root: String, bufferBytes: Int) {
        path = root + "/proc"
        buffer = .allocate(byteCount: bufferBytes, alignment: 16)
    }

    deinit {
        if let folder { closedir(folder) }
        buffer.deallocate()
    }

    /// Calls `body` with the number and the contents of `stat` of each process, at most `limit` of them.
    /// - Returns: Whether there were more.
    func eachStat<Value>(
        limit: Int, parse: (UnsafeRawBufferPointer) -> Value, _ body: (Int32, Contents<Value>) -> Void
    ) throws(ProbeError) -> Bool {
        let folder = try open()
        rewinddir(folder)
        kept.beginPass()
        // Those of processes that have ended are closed.
        defer { kept.endPass() }
        var count = 0
        while true {
            errno = 0
            guard let entry = readdir(folder) else {
                guard errno == 0 else { throw ProbeError(.unreadable, source: "/proc", underlyingCode: errno) }
                return false
            }
            guard let pid = Self.number(entry) else { continue }
            guard count < limit else { return true }
            count += 1
            body(pid, stat(of: pid, folder, parse))
        }
    }

    /// Reads `<pid>/stat`, through a descriptor of an earlier pass where there is one.
    func stat<Value>(
        of pid: Int32, _ parse: (UnsafeRawBufferPointer) -> Value
    ) throws(ProbeError) -> Contents<Value> {
        stat(of: pid, try open(), parse)
    }

    private func stat<Value>(
        of pid: Int32, _ folder: OpaquePointer, _ parse: (UnsafeRawBufferPointer) -> Value
    ) -> Contents<Value> {
        if let descriptor = kept[pid] {
            let contents = read(descriptor, parse)
            if case .value = contents { return contents }
            // Its process has ended; the number may be another's by now.
            kept.close(pid)
        }
        let descriptor = Self.withPath(pid, "/stat") { openat(dirfd(folder), $0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { return Self.isGone(errno) ? .gone : .unreadable }
        let contents = read(descriptor, parse)
        if case .value = contents, isOfKernel, kept.keep(descriptor, of: pid) { return contents }
        close(descriptor)
        return contents
    }

    /// Reads `<pid><file>`; the file begins with a slash.
    func read<Value>(
        _ file: StaticString, of pid: Int32, _ parse: (UnsafeRawBufferPointer) -> Value
    ) throws(ProbeError) -> Contents<Value> {
        let folder = try open()
        return Self.withPath(pid, file) { read(dirfd(folder), $0, parse) }
    }

    /// The numbered entries of the folder `<pid><path>`; nil when it cannot be listed.
    func count(_ path: StaticString, of pid: Int32) throws(ProbeError) -> Int? {
        let folder = try open()
        let descriptor = Self.withPath(pid, path) { openat(dirfd(folder), $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { return nil }
        guard let entries = fdopendir(descriptor) else {
            close(descriptor)
            return nil
        }
        defer { closedir(entries) }
        var count = 0
        errno = 0
        while let entry = readdir(entries) {
            // Not `.` and `..`.
            if Self.number(entry) != nil { count += 1 }
        }
        return errno == 0 ? count : nil
    }

    private func read<Value>(
        _ folder: Int32, _ path: UnsafePointer<CChar>, _ parse: (UnsafeRawBufferPointer) -> Value
    ) -> Contents<Value> {
        let descriptor = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return Self.isGone(errno) ? .gone : .unreadable }
        defer { close(descriptor) }
        return read(descriptor, parse)
    }

    private func read<Value>(
        _ descriptor: Int32, _ parse: (UnsafeRawBufferPointer) -> Value
    ) -> Contents<Value> {
        while true {
            // The kernel hands out a file of a process in one call as far as the memory goes.
            let count = pread(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return .value(parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]))) }
            guard errno == EINTR else { return Self.isGone(errno) ? .gone : .unreadable }
        }
    }

    private func open() throws(ProbeError) -> OpaquePointer {
        if let folder { return folder }
        guard let opened = opendir(path) else {
            throw ProbeError(errno == ENOENT ? .missing : .unreadable, source: "/proc", underlyingCode: errno)
        }
        folder = opened
        var information = Glibc.stat()
        // PROC_ROOT_INO of linux/proc_fs.h; folders of other file systems have higher numbers.
        isOfKernel = fstat(dirfd(opened), &information) == 0 && information.st_ino == 1
        return opened
    }

    private static func isGone(_ code: Int32) -> Bool { code == ENOENT || code == ESRCH }

    /// The name of an entry as a number; nil for any other name.
    private static func number(_ entry: UnsafeMutablePointer<dirent>) -> Int32? {
        withUnsafeBytes(of: &entry.pointee.d_name) { name in
            guard let end = name.firstIndex(of: 0), end > 0 else { return nil }
            var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: name[..<end]))
            guard let value = cursor.digits(), cursor.isAtEnd else { return nil }
            return Int32(exactly: value)
        }
    }

    /// `<pid><rest>` as a C string, without an allocation.
    private static func withPath<Value>(
        _ pid: Int32, _ rest: StaticString, _ body: (UnsafePointer<CChar>) -> Value
    ) -> Value {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 + rest.utf8CodeUnitCount) { text in
            // An Int32 has at most ten digits.
            var digits = 1
            var power: Int32 = 10
            while digits < 10, pid >= power {
                digits += 1
                power = power.multipliedReportingOverflow(by: 10).partialValue
            }
            var value = max(pid, 0)
            for place in (0..<digits).reversed() {
                text.initializeElement(at: place, to: CChar(value % 10) + 48)
                value /= 10
            }
            for place in 0...rest.utf8CodeUnitCount {
                // With the zero that ends a static string.
                text.initializeElement(at: digits + place, to: CChar(bitPattern: rest.utf8Start[place]))
            }
            guard let start = text.baseAddress else { preconditionFailure("a buffer of 16 bytes has a start") }
            return body(start)
        }
    }
}
