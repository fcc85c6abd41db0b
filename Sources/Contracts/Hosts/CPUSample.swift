/// How busy the processors of a host are.
package struct CPUSample: Sendable, Hashable {
    /// All processors together.
    package var busyPercent: Double?
    /// Of each online processor, in the order of their numbers.
    package var coreBusyPercent: [Double?]
    // Both nil in records of older workers as well.
    /// The numbers of the online processors as the kernel lists them: `0-3,8`.
    package var onlineCores: String?
    /// Of the same processors; nil at first.
    package var coreTimes: CoreTimesSample?
    /// Where the time of all processors together went; these, iowait and steal add up to 100, but for guest, which is
    /// a part of user and nice.
    package var userPercent: Double?
    package var nicePercent: Double?
    package var systemPercent: Double?
    package var idlePercent: Double?
    package var irqPercent: Double?
    package var softIRQPercent: Double?
    package var guestPercent: Double?
    package var ioWaitPercent: Double?
    /// Taken by the hypervisor.
    package var stealPercent: Double?
    package var logicalCores: Int?
    /// Cores with a processor that is online.
    package var physicalCores: Int?
    /// The mean of the processors, read each 10 s or less often.
    package var frequencyMHz: Double?
    /// The hottest sensor of the package.
    package var temperatureCelsius: Double?
    /// Runnable and uninterruptible tasks, over 1, 5 and 15 minutes.
    package var load1: Double?
    package var load5: Double?
    package var load15: Double?
    /// What the control group allows, in processors; nil without a limit.
    package var limitCores: Double?
    /// Share of the last 10 s in which some task waited for a processor (PSI).
    package var pressurePercent: Double?

    package init(
        busyPercent: Double? = nil, coreBusyPercent: [Double?] = [], ioWaitPercent: Double? = nil,
        stealPercent: Double? = nil, logicalCores: Int? = nil, physicalCores: Int? = nil,
        frequencyMHz: Double? = nil, temperatureCelsius: Double? = nil, load1: Double? = nil,
        load5: Double? = nil, load15: Double? = nil, limitCores: Double? = nil, pressurePercent: Double? = nil
    ) {
        self.busyPercent = busyPercent
        self.coreBusyPercent = coreBusyPercent
        self.ioWaitPercent = ioWaitPercent
        self.stealPercent = stealPercent
        self.logicalCores = logicalCores
        self.physicalCores = physicalCores
        self.frequencyMHz = frequencyMHz
        self.temperatureCelsius = temperatureCelsius
        self.load1 = load1
        self.load5 = load5
        self.load15 = load15
        self.limitCores = limitCores
        self.pressurePercent = pressurePercent
    }

    init(_ value: JSONValue) {
        busyPercent = value["busy_percent"]?.double
        userPercent = value["user_percent"]?.double
        nicePercent = value["nice_percent"]?.double
        systemPercent = value["system_percent"]?.double
        idlePercent = value["idle_percent"]?.double
        irqPercent = value["irq_percent"]?.double
        softIRQPercent = value["softirq_percent"]?.double
        guestPercent = value["guest_percent"]?.double
        coreBusyPercent = value["core_busy_percent"]?.elements.map(\.double) ?? []
        onlineCores = value["online_cores"]?.string
        coreTimes = value["core_times"].flatMap(CoreTimesSample.init)
        ioWaitPercent = value["iowait_percent"]?.double
        stealPercent = value["steal_percent"]?.double
        logicalCores = value["logical_cores"]?.int
        physicalCores = value["physical_cores"]?.int
        frequencyMHz = value["frequency_mhz"]?.double
        temperatureCelsius = value["temperature_celsius"]?.double
        load1 = value["load1"]?.double
        load5 = value["load5"]?.double
        load15 = value["load15"]?.double
        limitCores = value["limit_cores"]?.double
        pressurePercent = value["pressure_percent"]?.double
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("busy_percent", busyPercent)
        writer.member(
            "core_busy_percent",
            array: { writer in
                for value in coreBusyPercent {
                    if let value { writer.double(value) } else { writer.null() }
                }
            })
        writer.member("online_cores", onlineCores)
        if let coreTimes {
            writer.member("core_times", object: coreTimes.writeMembers)
        } else {
            writer.member("core_times", raw: [UInt8]?.none)
        }
        writer.member("user_percent", userPercent)
        writer.member("nice_percent", nicePercent)
        writer.member("system_percent", systemPercent)
        writer.member("idle_percent", idlePercent)
        writer.member("irq_percent", irqPercent)
        writer.member("softirq_percent", softIRQPercent)
        writer.member("guest_percent", guestPercent)
        writer.member("iowait_percent", ioWaitPercent)
        writer.member("steal_percent", stealPercent)
        writer.member("logical_cores", logicalCores)
        writer.member("physical_cores", physicalCores)
        writer.member("frequency_mhz", frequencyMHz)
        writer.member("temperature_celsius", temperatureCelsius)
        writer.member("load1", load1)
        writer.member("load5", load5)
        writer.member("load15", load15)
        writer.member("limit_cores", limitCores)
        writer.member("pressure_percent", pressurePercent)
    }
}

extension CPUSample {
    static let schema = Schema.object([
        .init("busy_percent", .percent(12.5, "All processors together.").nullable),
        .init("core_busy_percent", .array(.percent(12.5).nullable, "Of each online processor.")),
        .init("online_cores", .text("0-3,8", "The numbers of the online processors.").nullable),
        .init("core_times", CoreTimesSample.schema.nullable),
        .init("user_percent", .percent(8, "With what guests use.").nullable),
        .init("nice_percent", .percent(0).nullable),
        .init("system_percent", .percent(4).nullable),
        .init("idle_percent", .percent(87, "Without waiting for I/O.").nullable),
        .init("irq_percent", .percent(0).nullable),
        .init("softirq_percent", .percent(0.5).nullable),
        .init("guest_percent", .percent(0, "A part of user and nice.").nullable),
        .init("iowait_percent", .percent(0.5).nullable),
        .init("steal_percent", .percent(0, "Taken by the hypervisor.").nullable),
        .init("logical_cores", .integer(8).nullable),
        .init("physical_cores", .integer(4).nullable),
        .init("frequency_mhz", .number(2400, "The mean of the processors, read each 10 s or less often.").nullable),
        .init("temperature_celsius", .number(48, "The hottest sensor of the package.").nullable),
        .init("load1", .number(0.5).nullable),
        .init("load5", .number(0.25).nullable),
        .init("load15", .number(0.125).nullable),
        .init("limit_cores", .number(2, "What the control group allows; null without a limit.").nullable),
        .init(
            "pressure_percent",
            .percent(1.5, "Share of the last 10 s in which a task waited for a processor.").nullable),
    ])
}
