/// A figure that goes up and down.
package struct Gauge: Sendable {
    let family: MetricFamily<AtomicDouble>

    /// Sets the series of these label values, given in the order of the labels.
    package func set(_ value: Double, _ labels: [String] = []) { labelled(labels).set(value) }

    /// Adds to the series of these label values; one that was never set counts as 0.
    package func add(_ amount: Double, _ labels: [String] = []) { labelled(labels).add(amount) }

    /// Forgets the series of what no longer exists.
    package func remove(_ labels: [String]) { family.remove(labels) }

    /// The series of these label values, for updates that must be quick.
    package func labelled(_ labels: [String]) -> Handle { Handle(series: family.series(labels)) }

    /// One series of a gauge.
    package struct Handle: Sendable {
        let series: AtomicDouble

        /// Nil when it was never set.
        package var value: Double? { series.value }

        package func set(_ value: Double) { series.set(value) }

        package func add(_ amount: Double) { series.add(amount) }
    }
}
