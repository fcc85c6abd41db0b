import Synchronization

/// A number that any thread may change: the series of counters and gauges.
final class AtomicDouble: MetricSeries {
    /// A not-a-number that no calculation gives: never set.
    private static let unset: UInt64 = 0x7FF8_0000_F107_111A

    private let bits: Atomic<UInt64>

    init(_ value: Double) { bits = Atomic(value.bitPattern) }

    /// Not set yet; counts as 0 when something is added.
    init() { bits = Atomic(Self.unset) }

    /// Nil when it was never set.
    var value: Double? {
        let bits = bits.load(ordering: .relaxed)
        return bits == Self.unset ? nil : Double(bitPattern: bits)
    }

    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let base = old == Self.unset ? 0 : Double(bitPattern: old)
            let result = bits.weakCompareExchange(
                expected: old, desired: (base + amount).bitPattern, ordering: .relaxed)
            if result.exchanged { return }
            old = result.original
        }
    }

    func render(_ header: MetricHeader, _ labels: String, into text: inout MetricsText) {
        if let value { text.sample(header.name, labels, value) }
    }
}
