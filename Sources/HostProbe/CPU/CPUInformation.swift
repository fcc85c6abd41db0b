/// What `/proc/cpuinfo` says of the processors that are online (proc(5)); its lines differ by architecture.
struct CPUInformation: Equatable {
    /// The mean of the `cpu MHz` lines; nil without one, as on ARM.
    var megahertz: Double?
    /// Different pairs of `physical id` and `core id`; nil where a processor lacks one of them.
    var physicalCores: Int?

    private struct Core: Hashable {
        var package: UInt64
        var number: UInt64
    }

    init(_ bytes: UnsafeRawBufferPointer) {
        var cursor = ByteCursor(bytes)
        var sum = 0.0
        var known = 0
        var processors = 0
        var cores: Set<Core> = []
        var packages = 0
        var numbers = 0
        var package: UInt64?
        while var line = cursor.line() {
            if line.skip("processor") {
                // The others have lines that begin so too: `processor type`.
                guard Self.value(&line) != nil else { continue }
                processors += 1
                package = nil
            } else if line.skip("cpu MHz") {
                guard Self.skipColon(&line), let value = line.decimal() else { continue }
                sum += value
                known += 1
            } else if line.skip("physical id") {
                package = Self.value(&line)
                packages += package == nil ? 0 : 1
            } else if line.skip("core id") {
                guard let number = Self.value(&line), let package else { continue }
                numbers += 1
                cores.insert(Core(package: package, number: number))
            }
        }
        megahertz = known > 0 ? sum / Double(known) : nil
        physicalCores = processors > 0 && numbers == processors && packages == processors ? cores.count : nil
    }

    private static func skipColon(_ line: inout ByteCursor) -> Bool {
        line.skipSpaces()
        return line.skip(":")
    }

    private static func value(_ line: inout ByteCursor) -> UInt64? { skipColon(&line) ? line.integer() : nil }
}
