/// What one GPU does, as its driver reports it.
package struct GPUSample: Sendable, Hashable {
    package var index: Int
    package var name: String?
    package var uuid: String?
    package var busyPercent: Double?
    package var memoryTotal: Int?
    /// With what the driver reserves.
    package var memoryUsed: Int?
    package var memoryUsedPercent: Double?
    package var temperatureCelsius: Double?
    package var powerWatts: Double?
    package var clockMHz: Double?
    // Below: nil in records of older workers as well.
    /// `nvidia`, `amd` or `intel`.
    package var vendor: String?
    package var powerLimitWatts: Double?
    /// Those that compute on it, of the host's process numbers; nil where the driver does not say.
    package var processes: [GPUProcessSample]?
    /// Why the rest is nil: the GPU was lost, say.
    package var problem: String?

    package init(
        index: Int, name: String? = nil, uuid: String? = nil, busyPercent: Double? = nil, memoryTotal: Int? = nil,
        memoryUsed: Int? = nil, memoryUsedPercent: Double? = nil, temperatureCelsius: Double? = nil,
        powerWatts: Double? = nil, clockMHz: Double? = nil
    ) {
        self.index = index
        self.name = name
        self.uuid = uuid
        self.busyPercent = busyPercent
        self.memoryTotal = memoryTotal
        self.memoryUsed = memoryUsed
        self.memoryUsedPercent = memoryUsedPercent
        self.temperatureCelsius = temperatureCelsius
        self.powerWatts = powerWatts
        self.clockMHz = clockMHz
    }

    init(_ value: JSONValue) throws(MessageError) {
        index = try value.requiredInt("index")
        name = value["name"]?.string
        uuid = value["uuid"]?.string
        busyPercent = value["busy_percent"]?.double
        memoryTotal = value["memory_total_bytes"]?.int
        memoryUsed = value["memory_used_bytes"]?.int
        memoryUsedPercent = value["memory_used_percent"]?.double
        temperatureCelsius = value["temperature_celsius"]?.double
        powerWatts = value["power_watts"]?.double
        clockMHz = value["clock_mhz"]?.double
        vendor = value["vendor"]?.string
        powerLimitWatts = value["power_limit_watts"]?.double
        if let values = value["processes"], !values.isNull {
            processes = []
            for element in values.elements { processes?.append(try GPUProcessSample(element)) }
        }
        problem = value["problem"]?.string
    }

    func write(to writer: inout JSONWriter) { writer.object(writeMembers) }

    private func writeMembers(to writer: inout JSONWriter) {
        writer.member("index", index)
        writer.member("name", name)
        writer.member("uuid", uuid)
        writer.member("busy_percent", busyPercent)
        writer.member("memory_total_bytes", memoryTotal)
        writer.member("memory_used_bytes", memoryUsed)
        writer.member("memory_used_percent", memoryUsedPercent)
        writer.member("temperature_celsius", temperatureCelsius)
        writer.member("power_watts", powerWatts)
        writer.member("clock_mhz", clockMHz)
        writer.member("vendor", vendor)
        writer.member("power_limit_watts", powerLimitWatts)
        if let processes {
            writer.member("processes", array: { writer in for process in processes { process.write(to: &writer) } })
        } else {
            writer.member("processes", raw: [UInt8]?.none)
        }
        writer.member("problem", problem)
    }
}

extension GPUSample {
    static let schema = Schema.object([
        .init("index", .integer(0)),
        .init("name", .text("NVIDIA H100 80GB HBM3").nullable),
        .init("uuid", .text("GPU-5b2c1b0e-8a57-4c5e-9f7e-0c1f3c0d8a11").nullable),
        .init("busy_percent", .percent(80).nullable),
        .init("memory_total_bytes", .integer(85_520_809_984).nullable),
        .init("memory_used_bytes", .integer(42_949_672_960).nullable),
        .init("memory_used_percent", .percent(50.25).nullable),
        .init("temperature_celsius", .number(61).nullable),
        .init("power_watts", .number(410.5).nullable),
        .init("clock_mhz", .number(1755).nullable),
        .init("vendor", .words(["nvidia", "amd", "intel"]).nullable),
        .init("power_limit_watts", .number(700).nullable),
        .init("processes", .array(GPUProcessSample.schema, "Those that compute on it.").nullable),
        .init("problem", .text("GPU is lost", "Why the rest is null.").nullable),
    ])
}

/// A process that computes on a GPU.
package struct GPUProcessSample: Sendable, Hashable {
    package var pid: Int
    /// Bytes of the GPU's memory.
    package var memory: Int?

    package init(pid: Int, memory: Int? = nil) {
        self.pid = pid
        self.memory = memory
    }

    init(_ value: JSONValue) throws(MessageError) {
        pid = try value.requiredInt("pid")
        memory = value["memory_bytes"]?.int
    }

    func write(to writer: inout JSONWriter) { writer.object(writeMembers) }

    private func writeMembers(to writer: inout JSONWriter) {
        writer.member("pid", pid)
        writer.member("memory_bytes", memory)
    }

    static let schema = Schema.object([
        .init("pid", .integer(4711, "The host's number, even from inside a container.")),
        .init("memory_bytes", .integer(8_589_934_592).nullable),
    ])
}
