/// A figure that only grows.
package struct Counter: Sendable {
    let family: MetricFamily<AtomicDouble>

    /// Adds to the series of these label values, given in the order of the labels. Negative amounts are ignored.
    package func increment(by amount: Double = 1, _ labels: [String] = []) { labelled(labels).increment(by: amount) }

    /// The series of these label values, for updates that must be quick.
    package func labelled(_ labels: [String]) -> Handle { Handle(series: family.series(labels)) }

    /// One series of a counter.
    package struct Handle: Sendable {
        let series: AtomicDouble

        package var value: Double { series.value ?? 0 }

        /// Adds; negative amounts are ignored.
        package func increment(by amount: Double = 1) { if amount >= 0 { series.add(amount) } }
    }
}
