import Glibc

/// Reads how much memory this process has resident, from `/proc/self/statm` (proc(5)). Belongs to one thread.
package final class OwnMemoryProbe {
    private let file: KernelFile
    private let pageBytes = UInt64(max(sysconf(Int32(_SC_PAGESIZE)), 1))

    package init(root: String = "") { file = KernelFile(root: root, "/proc/self/statm") }

    /// Bytes; nil where it cannot be read.
    package func read(_ buffer: ReadBuffer) -> UInt64? {
        let pages = file.value(buffer) { line in line.skipWords(1) ? line.integer() : nil }
        guard let (bytes, isTooLarge) = pages?.multipliedReportingOverflow(by: pageBytes), !isTooLarge else {
            return nil
        }
        return bytes
    }
}
