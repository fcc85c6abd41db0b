/// What one sensor of a host says.
package struct TemperatureSample: Sendable, Hashable {
    /// The driver or zone, such as `coretemp`.
    package var sensor: String
    /// Such as `Package id 0`.
    package var label: String?
    /// Nil when the sensor did not answer.
    package var celsius: Double?

    package init(sensor: String, label: String? = nil, celsius: Double? = nil) {
        self.sensor = sensor
        self.label = label
        self.celsius = celsius
    }

    init(_ value: JSONValue) throws(MessageError) {
        sensor = try value.requiredString("sensor")
        label = value["label"]?.string
        celsius = value["celsius"]?.double
    }

    func write(to writer: inout JSONWriter) { writer.object(writeMembers) }

    private func writeMembers(to writer: inout JSONWriter) {
        writer.member("sensor", sensor)
        writer.member("label", label)
        writer.member("celsius", celsius)
    }
}

extension TemperatureSample {
    static let schema = Schema.object([
        .init("sensor", .text("coretemp", "The driver or zone.")),
        .init("label", .text("Package id 0").nullable),
        .init("celsius", .number(48, "Null when the sensor did not answer.").nullable),
    ])
}
