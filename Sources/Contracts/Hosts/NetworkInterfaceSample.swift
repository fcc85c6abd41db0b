/// What one network interface does.
package struct NetworkInterfaceSample: Sendable, Hashable {
    package var name: String
    /// Since the host booted.
    package var receivedBytes: Int?
    /// Since the host booted.
    package var sentBytes: Int?
    package var receivedBytesPerSecond: Double?
    package var sentBytesPerSecond: Double?
    /// In both directions.
    package var errorsPerSecond: Double?
    /// In both directions.
    package var dropsPerSecond: Double?

    package init(
        name: String, receivedBytes: Int? = nil, sentBytes: Int? = nil, receivedBytesPerSecond: Double? = nil,
        sentBytesPerSecond: Double? = nil, errorsPerSecond: Double? = nil, dropsPerSecond: Double? = nil
    ) {
        self.name = name
        self.receivedBytes = receivedBytes
        self.sentBytes = sentBytes
        self.receivedBytesPerSecond = receivedBytesPerSecond
        self.sentBytesPerSecond = sentBytesPerSecond
        self.errorsPerSecond = errorsPerSecond
        self.dropsPerSecond = dropsPerSecond
    }

    init(_ value: JSONValue) throws(MessageError) {
        name = try value.requiredString("name")
        receivedBytes = value["received_bytes"]?.int
        sentBytes = value["sent_bytes"]?.int
        receivedBytesPerSecond = value["received_bytes_per_second"]?.double
        sentBytesPerSecond = value["sent_bytes_per_second"]?.double
        errorsPerSecond = value["errors_per_second"]?.double
        dropsPerSecond = value["drops_per_second"]?.double
    }

    func write(to writer: inout JSONWriter) { writer.object(writeMembers) }

    private func writeMembers(to writer: inout JSONWriter) {
        writer.member("name", name)
        writer.member("received_bytes", receivedBytes)
        writer.member("sent_bytes", sentBytes)
        writer.member("received_bytes_per_second", receivedBytesPerSecond)
        writer.member("sent_bytes_per_second", sentBytesPerSecond)
        writer.member("errors_per_second", errorsPerSecond)
        writer.member("drops_per_second", dropsPerSecond)
    }
}

extension NetworkInterfaceSample {
    static let schema = Schema.object([
        .init("name", .text("eth0")),
        .init("received_bytes", .integer(1_000_000, "Since the host booted.").nullable),
        .init("sent_bytes", .integer(2_000_000, "Since the host booted.").nullable),
        .init("received_bytes_per_second", .number(1500).nullable),
        .init("sent_bytes_per_second", .number(2500).nullable),
        .init("errors_per_second", .number(0, "In both directions.").nullable),
        .init("drops_per_second", .number(0, "In both directions.").nullable),
    ])
}
