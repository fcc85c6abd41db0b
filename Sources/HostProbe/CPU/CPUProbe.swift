/// Reads `/proc/stat`. Belongs to one thread.
package final class CPUProbe {
    private let stat: KernelFile
    private var coreCount = 1

    package init(root: String = "") { stat = KernelFile(root: root, "/proc/stat") }

    package func read(_ buffer: ReadBuffer) throws(ProbeError) -> CPUReading {
        let reading = try stat.read(buffer) { bytes throws(ProbeError) in
            guard let reading = CPUReading(stat: bytes, expectedCores: coreCount) else {
                throw ProbeError(.malformed, source: stat.source)
            }
            return reading
        }
        coreCount = reading.cores.count
        return reading
    }
}
