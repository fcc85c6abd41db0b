/// What one GPU does, as NVML reports it.
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
    ])
}
