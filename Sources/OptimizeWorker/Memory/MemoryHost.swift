internal import CSystem
internal import Glibc

/// What the memory optimization reads and changes on a host; a test hands in another root and other calls.
package struct MemoryHost: Sendable {
    /// What stands for `/`, without a slash at its end.
    package var root: String
    /// sync(2).
    package var synchronize: @Sendable () -> Void
    /// Gives free heap pages of this process back; true when some were.
    package var trimHeap: @Sendable () -> Bool
    /// Free bytes inside this process's heap.
    package var freeHeapBytes: @Sendable () -> Int

    package init(
        root: String = "", synchronize: @escaping @Sendable () -> Void = { sync() },
        trimHeap: @escaping @Sendable () -> Bool = { flotilla_trim_heap() != 0 },
        freeHeapBytes: @escaping @Sendable () -> Int = { Int(clamping: flotilla_free_heap_bytes()) }
    ) {
        self.root = root
        self.synchronize = synchronize
        self.trimHeap = trimHeap
        self.freeHeapBytes = freeHeapBytes
    }

    /// Why a control file cannot be written; nil when it can.
    func obstacle(to path: String) -> String? {
        let full = root + path
        guard access(full, F_OK) == 0 else { return "\(path) is missing: the kernel does not offer it" }
        guard access(full, W_OK) == 0 else {
            let code = errno
            let who = code == EROFS ? "it is mounted read-only" : "it takes root"
            return "\(path) may not be written: \(who) (errno \(code))"
        }
        return nil
    }

    /// Writes a text into a control file, which must exist.
    /// - Throws: `OptimizationError`.
    func write(_ text: String, to path: String) throws {
        let descriptor = open(root + path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var written = -1
        repeat { written = Glibc.write(descriptor, bytes, bytes.count) } while written < 0 && errno == EINTR
        guard written == bytes.count else { throw Self.failure(path, errno) }
    }

    private static func failure(_ path: String, _ code: Int32) -> OptimizationError {
        OptimizationError(
            .systemCall, "\(path) cannot be written: \(SystemCallFailure.text(code))", underlyingCode: code)
    }
}
