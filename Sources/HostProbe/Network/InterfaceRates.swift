/// What an interface, or several together, carried between two readings.
package struct InterfaceRates: Sendable, Hashable {
    package var receivedBytesPerSecond: Double
    package var sentBytesPerSecond: Double
    package var receivedPacketsPerSecond: Double
    package var sentPacketsPerSecond: Double
    /// Of both directions.
    package var errorsPerSecond: Double
    package var dropsPerSecond: Double

    /// Nil if a counter went backwards: another interface took the name, or its driver started again.
    package static func between(
        _ previous: InterfaceCounters, _ current: InterfaceCounters, seconds: Double
    ) -> InterfaceRates? {
        guard current.receivedBytes >= previous.receivedBytes, current.sentBytes >= previous.sentBytes,
            current.receivedPackets >= previous.receivedPackets, current.sentPackets >= previous.sentPackets,
            current.receiveErrors >= previous.receiveErrors, current.sendErrors >= previous.sendErrors,
            current.receiveDrops >= previous.receiveDrops, current.sendDrops >= previous.sendDrops
        else { return nil }
        func rate(_ old: UInt64, _ new: UInt64) -> Double { Double(new - old) / seconds }
        return InterfaceRates(
            receivedBytesPerSecond: rate(previous.receivedBytes, current.receivedBytes),
            sentBytesPerSecond: rate(previous.sentBytes, current.sentBytes),
            receivedPacketsPerSecond: rate(previous.receivedPackets, current.receivedPackets),
            sentPacketsPerSecond: rate(previous.sentPackets, current.sentPackets),
            errorsPerSecond: rate(previous.receiveErrors, current.receiveErrors)
                + rate(previous.sendErrors, current.sendErrors),
            dropsPerSecond: rate(previous.receiveDrops, current.receiveDrops)
                + rate(previous.sendDrops, current.sendDrops))
    }

    mutating func add(_ other: InterfaceRates) {
        receivedBytesPerSecond += other.receivedBytesPerSecond
        sentBytesPerSecond += other.sentBytesPerSecond
        receivedPacketsPerSecond += other.receivedPacketsPerSecond
        sentPacketsPerSecond += other.sentPacketsPerSecond
        errorsPerSecond += other.errorsPerSecond
        dropsPerSecond += other.dropsPerSecond
    }
}

/// The rates of one interface.
package struct NamedInterfaceRates: Sendable, Hashable {
    package var name: String
    package var kind: InterfaceCounters.Kind
    /// Nil for an interface that is new or started again.
    package var rates: InterfaceRates?

    static func between(
        _ previous: [InterfaceCounters], _ current: [InterfaceCounters], seconds: Double
    ) -> [NamedInterfaceRates] {
        current.enumerated().map { index, counters in
            let before =
                index < previous.count && previous[index].name == counters.name
                ? previous[index] : previous.first { $0.name == counters.name }
            let rates = before.flatMap { InterfaceRates.between($0, counters, seconds: seconds) }
            return NamedInterfaceRates(name: counters.name, kind: counters.kind, rates: rates)
        }
    }
}
