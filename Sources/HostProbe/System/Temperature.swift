/// What one sensor of the machine says.
package struct Temperature: Sendable, Hashable {
    /// The driver or zone, such as `coretemp` or `acpitz`.
    package var sensor: String
    /// What it measures, such as `Package id 0`; nil where the driver does not say.
    package var label: String?
    /// Nil when the sensor did not answer, or answered what cannot be.
    package var celsius: Double?

    package init(sensor: String, label: String? = nil, celsius: Double?) {
        self.sensor = sensor
        self.label = label
        self.celsius = celsius
    }

    /// Whether it is of a processor: the drivers of Intel, AMD and of systems on a chip.
    package var isProcessor: Bool { Self.processorSensors.contains(sensor) }

    private static let processorSensors: Set<String> = [
        "coretemp", "k8temp", "k10temp", "zenpower", "x86_pkg_temp", "cpu_thermal", "cpu-thermal", "cpu0_thermal",
        "cpu0-thermal", "soc_thermal", "soc-thermal",
    ]

    /// Thousandths of a degree as degrees; nil beyond −100…250 °C, as of sensors that are not connected.
    static func celsius(thousandths: Int64?) -> Double? {
        guard let thousandths, (-100_000...250_000).contains(thousandths) else { return nil }
        return Double(thousandths) / 1000
    }
}
