/// What the network interfaces of a host do, the loopback left out of the totals.
package struct NetworkSample: Sendable, Hashable {
    /// Since the host booted.
    package var receivedBytes: Int?
    /// Since the host booted.
    package var sentBytes: Int?
    package var receivedBytesPerSecond: Double?
    package var sentBytesPerSecond: Double?
    package var interfaces: [NetworkInterfaceSample]
    /// Nil where the kernel does not say it, and in records of older workers.
    package var tcp: TCPSample?

    package init(
        receivedBytes: Int? = nil, sentBytes: Int? = nil, receivedBytesPerSecond: Double? = nil,
        sentBytesPerSecond: Double? = nil, interfaces: [NetworkInterfaceSample] = [], tcp: TCPSample? = nil
    ) {
        self.receivedBytes = receivedBytes
        self.sentBytes = sentBytes
        self.receivedBytesPerSecond = receivedBytesPerSecond
        self.sentBytesPerSecond = sentBytesPerSecond
        self.interfaces = interfaces
        self.tcp = tcp
    }

    init(_ value: JSONValue) throws(MessageError) {
        receivedBytes = value["received_bytes"]?.int
        sentBytes = value["sent_bytes"]?.int
        receivedBytesPerSecond = value["received_bytes_per_second"]?.double
        sentBytesPerSecond = value["sent_bytes_per_second"]?.double
        tcp = value["tcp"].flatMap(TCPSample.init)
        interfaces = []
        if let values = value["interfaces"] {
            for element in values.elements { interfaces.append(try NetworkInterfaceSample(element)) }
        }
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("received_bytes", receivedBytes)
        writer.member("sent_bytes", sentBytes)
        writer.member("received_bytes_per_second", receivedBytesPerSecond)
        writer.member("sent_bytes_per_second", sentBytesPerSecond)
        writer.member("interfaces", array: { writer in for sample in interfaces { sample.write(to: &writer) } })
        if let tcp {
            writer.member("tcp", object: tcp.writeMembers)
        } else {
            writer.member("tcp", raw: [UInt8]?.none)
        }
    }
}

extension NetworkSample {
    static let schema = Schema.object([
        .init("received_bytes", .integer(1_000_000, "Since the host booted, without the loopback.").nullable),
        .init("sent_bytes", .integer(2_000_000, "Since the host booted, without the loopback.").nullable),
        .init("received_bytes_per_second", .number(1500).nullable),
        .init("sent_bytes_per_second", .number(2500).nullable),
        .init("interfaces", .array(NetworkInterfaceSample.schema)),
        .init("tcp", TCPSample.schema.nullable),
    ])
}
