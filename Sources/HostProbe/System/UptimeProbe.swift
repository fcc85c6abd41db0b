/// Reads `/proc/uptime`: how long the machine, or the container, has been up. Belongs to one thread.
package final class UptimeProbe {
    private let file: KernelFile

    package init(root: String = "") { file = KernelFile(root: root, "/proc/uptime") }

    /// Seconds since boot, suspended time included, in hundredths.
    package func read(_ buffer: ReadBuffer) throws(ProbeError) -> Double {
        try file.read(buffer) { bytes throws(ProbeError) in
            var cursor = ByteCursor(bytes)
            guard var line = cursor.line(), let seconds = line.decimal() else {
                throw ProbeError(.malformed, source: file.source)
            }
            return seconds
        }
    }
}
