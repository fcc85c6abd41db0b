/// What it costs to sample a host.
package struct SamplerSample: Sendable, Hashable {
    /// Processor time that this reading took on its thread: without that of the helper that asks file systems.
    package var cpuMicroseconds: Double?
    /// How long it took.
    package var durationMicroseconds: Double?
    /// Resident memory of the process that samples, with all else that it does.
    package var residentBytes: Int?
    /// Samples that were due and not taken, since that process started.
    package var missed: Int?

    package init(
        cpuMicroseconds: Double? = nil, durationMicroseconds: Double? = nil, residentBytes: Int? = nil,
        missed: Int? = nil
    ) {
        self.cpuMicroseconds = cpuMicroseconds
        self.durationMicroseconds = durationMicroseconds
        self.residentBytes = residentBytes
        self.missed = missed
    }

    /// Nil for what is no object.
    init?(_ value: JSONValue) {
        guard value.kind == .object else { return nil }
        cpuMicroseconds = value["cpu_us"]?.double
        durationMicroseconds = value["duration_us"]?.double
        residentBytes = value["resident_bytes"]?.int
        missed = value["missed"]?.int
    }

    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("cpu_us", cpuMicroseconds)
        writer.member("duration_us", durationMicroseconds)
        writer.member("resident_bytes", residentBytes)
        writer.member("missed", missed)
    }
}

extension SamplerSample {
    package static let schema = Schema.object([
        .init("cpu_us", .number(140, "Processor time of this reading, in µs.").nullable),
        .init("duration_us", .number(155, "How long this reading took, in µs.").nullable),
        .init(
            "resident_bytes", .integer(15_728_640, "Of the process that samples, with all else that it does.").nullable),
        .init("missed", .integer(0, "Samples that were due and not taken since it started.").nullable),
    ])
}
