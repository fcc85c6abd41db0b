/// The share of the last 10 s in which some task, or every task that could run, waited for a resource (PSI).
package struct PressureSample: Sendable, Hashable {
    package var cpuSome: Double?
    package var cpuFull: Double?
    package var memorySome: Double?
    package var memoryFull: Double?
    package var ioSome: Double?
    package var ioFull: Double?

    package init() {}

    /// Nil for what is no object.
    init?(_ value: JSONValue) {
        guard value.kind == .object else { return nil }
        cpuSome = value["cpu_some_percent"]?.double
        cpuFull = value["cpu_full_percent"]?.double
        memorySome = value["memory_some_percent"]?.double
        memoryFull = value["memory_full_percent"]?.double
        ioSome = value["io_some_percent"]?.double
        ioFull = value["io_full_percent"]?.double
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("cpu_some_percent", cpuSome)
        writer.member("cpu_full_percent", cpuFull)
        writer.member("memory_some_percent", memorySome)
        writer.member("memory_full_percent", memoryFull)
        writer.member("io_some_percent", ioSome)
        writer.member("io_full_percent", ioFull)
    }
}

extension PressureSample {
    static let schema = Schema.object([
        .init("cpu_some_percent", .percent(1.5, "Some task waited.").nullable),
        .init("cpu_full_percent", .percent(0, "Every task that could run waited; null for a whole host.").nullable),
        .init("memory_some_percent", .percent(0.5).nullable),
        .init("memory_full_percent", .percent(0.25).nullable),
        .init("io_some_percent", .percent(2).nullable),
        .init("io_full_percent", .percent(1).nullable),
    ])
}
