/// How much a resource was waited for: a file of `/proc/pressure` (kernel documentation, accounting/psi).
package struct Pressure: Sendable, Hashable {
    /// One line.
    package struct Share: Sendable, Hashable {
        /// Percent of the time over the last 10, 60 and 300 seconds.
        package var average10: Double
        package var average60: Double
        package var average300: Double
        /// Microseconds since boot.
        package var total: UInt64

        package init(average10: Double, average60: Double, average300: Double, total: UInt64) {
            self.average10 = average10
            self.average60 = average60
            self.average300 = average300
            self.total = total
        }

        init?(_ line: inout ByteCursor) {
            var average10: Double?
            var average60: Double?
            var average300: Double?
            var total: UInt64?
            while var word = line.word() {
                if word.skip("avg10=") {
                    average10 = word.decimal()
                } else if word.skip("avg60=") {
                    average60 = word.decimal()
                } else if word.skip("avg300=") {
                    average300 = word.decimal()
                } else if word.skip("total=") {
                    total = word.integer()
                }
            }
            guard let average10, let average60, let average300, let total else { return nil }
            self.init(average10: average10, average60: average60, average300: average300, total: total)
        }
    }

    /// The time in which at least one task waited.
    package var some: Share
    /// The time in which all tasks that could run waited; nil where the kernel does not say it.
    package var full: Share?

    package init(some: Share, full: Share?) {
        self.some = some
        self.full = full
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        var cursor = ByteCursor(bytes)
        var some: Share?
        var full: Share?
        while var line = cursor.line() {
            if line.skip("some ") {
                some = Share(&line)
            } else if line.skip("full ") {
                full = Share(&line)
            }
        }
        guard let some else { return nil }
        self.init(some: some, full: full)
    }
}

/// Reads one file of `/proc/pressure`, or the same of a control group. Belongs to one thread.
package final class PressureProbe {
    /// What is waited for.
    package enum Resource: String, Sendable { case cpu, io, memory }

    private let file: KernelFile

    package init(_ resource: Resource, root: String = "") {
        file = KernelFile(root: root, "/proc/pressure/\(resource.rawValue)")
    }

    /// - Parameter folder: of a control group of version 2, below the root.
    init(_ resource: Resource, root: String, controlGroup folder: String) {
        file = KernelFile(root: root, "\(folder)/\(resource.rawValue).pressure")
    }

    package func read(_ buffer: ReadBuffer) throws(ProbeError) -> Pressure {
        try file.read(buffer) { bytes throws(ProbeError) in
            guard let pressure = Pressure(bytes) else { throw ProbeError(.malformed, source: file.source) }
            return pressure
        }
    }
}
