import Synchronization

/// The series of one metric, by label values, up to a bound.
final class MetricFamily<Series: MetricSeries>: MetricFamilyRendering {
    let header: MetricHeader
    private let maximumSeries: Int
    private let make: @Sendable () -> Series
    private let entries = Mutex<[[String]: Series]>([:])
    /// Takes what goes beyond the bound.
    private let overflow: Mutex<Series?> = Mutex(nil)

    init(header: MetricHeader, maximumSeries: Int, make: @escaping @Sendable () -> Series) {
        self.header = header
        self.maximumSeries = max(1, maximumSeries)
        self.make = make
        // A metric without labels is shown before its first update.
        if header.labels.isEmpty { _ = series([]) }
    }

    /// The series of these label values, made if it is new.
    func series(_ values: [String]) -> Series {
        let values = header.values(values)
        let found = entries.withLock { entries -> Series? in
            if let series = entries[values] { return series }
            guard entries.count < maximumSeries else { return nil }
            let series = make()
            entries[values] = series
            return series
        }
        if let found { return found }
        return overflow.withLock { overflow in
            if let overflow { return overflow }
            let series = make()
            overflow = series
            return series
        }
    }

    /// Forgets a series; updates through a handle of it are no longer shown.
    func remove(_ values: [String]) {
        let values = header.values(values)
        _ = entries.withLock { $0.removeValue(forKey: values) }
    }

    func render(into text: inout MetricsText) {
        var series = entries.withLock { Array($0) }
        series.sort { $0.key.lexicographicallyPrecedes($1.key) }
        text.header(header)
        for (values, series) in series { series.render(header, header.labelText(values), into: &text) }
        if let overflow = overflow.withLock({ $0 }) {
            let others = header.labels.map { _ in "other" }
            overflow.render(header, header.labelText(others), into: &text)
        }
    }
}

/// A family whatever its series are.
protocol MetricFamilyRendering: Sendable {
    var header: MetricHeader { get }

    func render(into text: inout MetricsText)
}

/// One combination of label values of a metric.
protocol MetricSeries: AnyObject, Sendable {
    /// - Parameter labels: `a="1",b="2"`, empty without labels.
    func render(_ header: MetricHeader, _ labels: String, into text: inout MetricsText)
}
