/// Files that all processes together hold open: `/proc/sys/fs/file-nr` (proc(5)).
package struct OpenFiles: Sendable, Hashable {
    package var allocated: UInt64
    /// Of the allocated ones; always 0 since Linux 2.6.
    package var unused: UInt64
    /// What the kernel allows; near 2^63 on a machine that is not limited.
    package var maximum: UInt64

    package var used: UInt64 { allocated - min(unused, allocated) }

    package init(allocated: UInt64, unused: UInt64 = 0, maximum: UInt64) {
        self.allocated = allocated
        self.unused = unused
        self.maximum = maximum
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        var cursor = ByteCursor(bytes)
        guard var line = cursor.line(), let allocated = line.integer(), let unused = line.integer(),
            let maximum = line.integer()
        else { return nil }
        self.init(allocated: allocated, unused: unused, maximum: maximum)
    }
}

/// Reads `/proc/sys/fs/file-nr`. Belongs to one thread.
package final class OpenFilesProbe {
    private let file: KernelFile

    package init(root: String = "") { file = KernelFile(root: root, "/proc/sys/fs/file-nr") }

    package func read(_ buffer: ReadBuffer) throws(ProbeError) -> OpenFiles {
        try file.read(buffer) { bytes throws(ProbeError) in
            guard let files = OpenFiles(bytes) else { throw ProbeError(.malformed, source: file.source) }
            return files
        }
    }
}
