/// What a block device, or several together, did between two readings.
package struct DiskRates: Sendable, Hashable {
    package var readBytesPerSecond: Double
    package var writtenBytesPerSecond: Double
    package var readsPerSecond: Double
    package var writesPerSecond: Double
    /// Milliseconds per second that reads and writes took, summed over the requests.
    package var readTimePerSecond: Double
    package var writeTimePerSecond: Double
    /// Percent of the time in which a request was in flight, 0–100; of the busiest device in a sum.
    package var utilizationPercent: Double
    /// Requests in flight, on average (`aqu-sz` of iostat).
    package var queueLength: Double

    /// Milliseconds that a read took from its submission to its end, on average (`r_await` of iostat); nil when none
    /// ended.
    package var readLatencyMilliseconds: Double? {
        readsPerSecond > 0 ? readTimePerSecond / readsPerSecond : nil
    }
    package var writeLatencyMilliseconds: Double? {
        writesPerSecond > 0 ? writeTimePerSecond / writesPerSecond : nil
    }

    /// Nil if a counter went backwards: another device took the name, or its driver started again.
    ///
    /// The kernel prints its times with 32 bits, so they pass their end every 50 days or sooner.
    package static func between(
        _ previous: DiskCounters, _ current: DiskCounters, seconds: Double
    ) -> DiskRates? {
        func increase(_ time: (DiskCounters) -> UInt64) -> Double? {
            CounterRate.wrappedIncrease(time(previous), time(current)).map { Double($0) / seconds }
        }
        guard current.reads >= previous.reads, current.readSectors >= previous.readSectors,
            current.writes >= previous.writes, current.writtenSectors >= previous.writtenSectors,
            let readTime = increase(\.readMilliseconds), let writeTime = increase(\.writeMilliseconds),
            let busyTime = increase(\.busyMilliseconds), let queuedTime = increase(\.queuedMilliseconds)
        else { return nil }
        func rate(_ old: UInt64, _ new: UInt64) -> Double { Double(new - old) / seconds }
        let bytesPerSector = Double(DiskCounters.bytesPerSector)
        return DiskRates(
            readBytesPerSecond: rate(previous.readSectors, current.readSectors) * bytesPerSector,
            writtenBytesPerSecond: rate(previous.writtenSectors, current.writtenSectors) * bytesPerSector,
            readsPerSecond: rate(previous.reads, current.reads),
            writesPerSecond: rate(previous.writes, current.writes),
            readTimePerSecond: readTime, writeTimePerSecond: writeTime,
            utilizationPercent: min(busyTime / 10, 100), queueLength: queuedTime / 1000)
    }

    mutating func add(_ other: DiskRates) {
        readBytesPerSecond += other.readBytesPerSecond
        writtenBytesPerSecond += other.writtenBytesPerSecond
        readsPerSecond += other.readsPerSecond
        writesPerSecond += other.writesPerSecond
        readTimePerSecond += other.readTimePerSecond
        writeTimePerSecond += other.writeTimePerSecond
        utilizationPercent = max(utilizationPercent, other.utilizationPercent)
        queueLength += other.queueLength
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
