/// `/proc/net/dev` at one moment.
package struct NetworkReading: Sendable, Hashable {
    package var interfaces: [InterfaceCounters]

    package init(interfaces: [InterfaceCounters]) { self.interfaces = interfaces }

    /// The kind whose interfaces make up the totals: hardware, or, where there is none (in a container), virtual.
    ///
    /// So loopback never counts, and what a container or tunnel sends through the card counts once.
    package var countedKind: InterfaceCounters.Kind {
        interfaces.contains { $0.kind == .hardware } ? .hardware : .virtual
    }

    /// The bytes of the counted interfaces.
    package var receivedBytes: UInt64 { sum { $0.receivedBytes } }
    package var sentBytes: UInt64 { sum { $0.sentBytes } }
    package var receivedPackets: UInt64 { sum { $0.receivedPackets } }
    package var sentPackets: UInt64 { sum { $0.sentPackets } }

    private func sum(_ value: (InterfaceCounters) -> UInt64) -> UInt64 {
        let kind = countedKind
        return interfaces.reduce(0) { sum, interface in
            guard interface.kind == kind else { return sum }
            let (total, isTooLarge) = sum.addingReportingOverflow(value(interface))
            return isTooLarge ? .max : total
        }
    }
}
