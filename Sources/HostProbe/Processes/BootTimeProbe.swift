/// Reads when the machine booted from `/proc/stat`. Belongs to one thread.
package final class BootTimeProbe {
    private let file: KernelFile

    package init(root: String = "/") { file = KernelFile(root: HostSampler.prefix(root), "/proc/stat") }

    /// Seconds since 1970; moves when the wall clock is set.
    package func read(_ buffer: ReadBuffer) throws(ProbeError) -> UInt64 {
        try file.read(buffer) { bytes throws(ProbeError) in
            var cursor = ByteCursor(bytes)
            while var line = cursor.line() {
                if line.skip("btime"), let seconds = line.integer() { return seconds }
            }
            throw ProbeError(.malformed, source: file.source)
        }
    }
}
