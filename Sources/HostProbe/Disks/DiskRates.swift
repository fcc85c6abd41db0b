/// What a block device, or several together, did between two readings.
package struct DiskRates: Sendable, Hashable {
    package var readBytesPerSecond: Double
    package var writtenBytesPerSecond: Double
    package var readsPerSecond: Double
    package var writesPerSecond: Double
    /// Percent of the time in which a request was in flight, 0–100; of the busiest device in a sum.
    package var utilizationPercent: Double

    /// Nil if a counter went backwards: another device took the name, or its driver started again.
    package static func between(
        _ previous: DiskCounters, _ current: DiskCounters, seconds: Double
    ) -> DiskRates? {
        guard current.reads >= previous.reads, current.readSectors >= previous.readSectors,
            current.writes >= previous.writes, current.writtenSectors >= previous.writtenSectors,
            current.busyMilliseconds >= previous.busyMilliseconds
        else { return nil }
        func rate(_ old: UInt64, _ new: UInt64) -> Double { Double(new - old) / seconds }
        let bytesPerSector = Double(DiskCounters.bytesPerSector)
        return DiskRates(
            readBytesPerSecond: rate(previous.readSectors, current.readSectors) * bytesPerSector,
            writtenBytesPerSecond: rate(previous.writtenSectors, current.writtenSectors) * bytesPerSector,
            readsPerSecond: rate(previous.reads, current.reads),
            writesPerSecond: rate(previous.writes, current.writes),
            utilizationPercent: min(rate(previous.busyMilliseconds, current.busyMilliseconds) / 10, 100))
    }

    mutating func add(_ other: DiskRates) {
        readBytesPerSecond += other.readBytesPerSecond
        writtenBytesPerSecond += other.writtenBytesPerSecond
        readsPerSecond += other.readsPerSecond
        writesPerSecond += other.writesPerSecond
        utilizationPercent = max(utilizationPercent, other.utilizationPercent)
    }
}

/// The rates of one device.
package struct NamedDiskRates: Sendable, Hashable {
    package var name: String
    package var kind: DiskCounters.Kind
    /// Nil for a device that is new or started again.
    package var rates: DiskRates?

    static func between(_ previous: [DiskCounters], _ current: [DiskCounters], seconds: Double) -> [NamedDiskRates] {
        current.enumerated().map { index, counters in
            let before =
                index < previous.count && previous[index].name == counters.name
                ? previous[index] : previous.first { $0.name == counters.name }
            let rates = before.flatMap { DiskRates.between($0, counters, seconds: seconds) }
            return NamedDiskRates(name: counters.name, kind: counters.kind, rates: rates)
        }
    }
}
