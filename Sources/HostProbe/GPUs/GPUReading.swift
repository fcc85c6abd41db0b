/// What one GPU says; what it does not say is nil.
package struct GPUReading: Sendable, Hashable {
    /// Who made it, and with that who is asked about it.
    package enum Vendor: String, Sendable { case nvidia, amd, intel }

    package var vendor: Vendor
    /// The same in every reading: the UUID, else the place on the bus or the number at its vendor.
    package var id: String
    package var name: String?
    package var uuid: String?
    /// 0–100.
    package var busyPercent: Double?
    /// Bytes of its own memory. Used includes what the driver keeps for itself.
    package var memoryTotal: UInt64?
    package var memoryUsed: UInt64?
    package var celsius: Double?
    package var watts: Double?
    package var wattsLimit: Double?
    package var megahertz: Double?
    /// Milliseconds that it slept and microjoules that it used, where the driver counts those (Intel).
    package var idleMilliseconds: UInt64?
    package var energyMicrojoules: UInt64?
    package var processes: [GPUProcess]?
    /// Why it says nothing: it was lost, say.
    package var problem: String?

    package var memoryUsedPercent: Double? {
        guard let memoryTotal, let memoryUsed, memoryTotal > 0 else { return nil }
        return Double(min(memoryUsed, memoryTotal)) / Double(memoryTotal) * 100
    }

    package init(vendor: Vendor, id: String) {
        self.vendor = vendor
        self.id = id
    }
}

/// A process that computes on a GPU.
package struct GPUProcess: Sendable, Hashable {
    /// As the driver sees it: the host's, even from inside a container.
    package var pid: Int
    /// Bytes; nil where the driver does not say.
    package var memory: UInt64?

    package init(pid: Int, memory: UInt64?) {
        self.pid = pid
        self.memory = memory
    }
}

/// What is computed of two readings of a GPU whose driver counts; a counter that went backwards is nil.
package struct GPURates: Sendable, Hashable {
    package var id: String
    /// The time in which it did not sleep, 0–100.
    package var busyPercent: Double?
    package var watts: Double?

    static func between(_ previous: [GPUReading], _ current: [GPUReading], seconds: Double) -> [GPURates] {
        current.compactMap { gpu in
            guard let old = previous.first(where: { $0.id == gpu.id && $0.vendor == gpu.vendor }) else { return nil }
            let idle = CounterRate.perSecond(old.idleMilliseconds, gpu.idleMilliseconds, seconds: seconds)
            let energy = CounterRate.perSecond(old.energyMicrojoules, gpu.energyMicrojoules, seconds: seconds)
            return GPURates(
                id: gpu.id, busyPercent: idle.map { min(max(100 - $0 / 10, 0), 100) },
                watts: energy.map { $0 / 1_000_000 })
        }
    }
}
