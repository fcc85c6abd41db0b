/// What one block device does.
package struct DiskSample: Sendable, Hashable {
    package var device: String
    /// Since the host booted.
    package var readBytes: Int?
    /// Since the host booted.
    package var writtenBytes: Int?
    package var readBytesPerSecond: Double?
    package var writtenBytesPerSecond: Double?
    package var readsPerSecond: Double?
    package var writesPerSecond: Double?
    /// Share of the time with at least one request in flight.
    package var busyPercent: Double?
    /// From submission to end, on average; nil when none ended.
    package var readLatencyMilliseconds: Double?
    package var writeLatencyMilliseconds: Double?
    /// Requests in flight, on average.
    package var queueLength: Double?

    package init(
        device: String, readBytes: Int? = nil, writtenBytes: Int? = nil, readBytesPerSecond: Double? = nil,
        writtenBytesPerSecond: Double? = nil, readsPerSecond: Double? = nil, writesPerSecond: Double? = nil,
        busyPercent: Double? = nil, readLatencyMilliseconds: Double? = nil,
        writeLatencyMilliseconds: Double? = nil, queueLength: Double? = nil
    ) {
        self.device = device
        self.readBytes = readBytes
        self.writtenBytes = writtenBytes
        self.readBytesPerSecond = readBytesPerSecond
        self.writtenBytesPerSecond = writtenBytesPerSecond
        self.readsPerSecond = readsPerSecond
        self.writesPerSecond = writesPerSecond
        self.busyPercent = busyPercent
        self.readLatencyMilliseconds = readLatencyMilliseconds
        self.writeLatencyMilliseconds = writeLatencyMilliseconds
        self.queueLength = queueLength
    }

    init(_ value: JSONValue) throws(MessageError) {
        device = try value.requiredString("device")
        readBytes = value["read_bytes"]?.int
        writtenBytes = value["written_bytes"]?.int
        readBytesPerSecond = value["read_bytes_per_second"]?.double
        writtenBytesPerSecond = value["written_bytes_per_second"]?.double
        readsPerSecond = value["reads_per_second"]?.double
        writesPerSecond = value["writes_per_second"]?.double
        busyPercent = value["busy_percent"]?.double
        readLatencyMilliseconds = value["read_latency_ms"]?.double
        writeLatencyMilliseconds = value["write_latency_ms"]?.double
        queueLength = value["queue_length"]?.double
    }

    func write(to writer: inout JSONWriter) { writer.object(writeMembers) }

    private func writeMembers(to writer: inout JSONWriter) {
        writer.member("device", device)
        writer.member("read_bytes", readBytes)
        writer.member("written_bytes", writtenBytes)
        writer.member("read_bytes_per_second", readBytesPerSecond)
        writer.member("written_bytes_per_second", writtenBytesPerSecond)
        writer.member("reads_per_second", readsPerSecond)
        writer.member("writes_per_second", writesPerSecond)
        writer.member("busy_percent", busyPercent)
        writer.member("read_latency_ms", readLatencyMilliseconds)
        writer.member("write_latency_ms", writeLatencyMilliseconds)
        writer.member("queue_length", queueLength)
    }
}

extension DiskSample {
    static let schema = Schema.object([
        .init("device", .text("nvme0n1")),
        .init("read_bytes", .integer(1_073_741_824, "Since the host booted.").nullable),
        .init("written_bytes", .integer(2_147_483_648, "Since the host booted.").nullable),
        .init("read_bytes_per_second", .number(1_048_576).nullable),
        .init("written_bytes_per_second", .number(2_097_152).nullable),
        .init("reads_per_second", .number(12).nullable),
        .init("writes_per_second", .number(34).nullable),
        .init("busy_percent", .percent(3.5, "Share of the time with a request in flight.").nullable),
        .init("read_latency_ms", .number(0.4, "From submission to end; null when none ended.").nullable),
        .init("write_latency_ms", .number(1.2, "From submission to end; null when none ended.").nullable),
        .init("queue_length", .number(0.05, "Requests in flight, on average.").nullable),
    ])
}
