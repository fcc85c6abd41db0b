/// What a device connector says of a command: one line of a record on `device_command_status`.
///
/// `{"request_id","device_id"|null,"report":{"status","at","evidence":{"transport",…}}}`. The status is `published` when
/// the command was handed to the transport, `acknowledged` or `rejected` when the device has answered, `timed_out` when
/// it has not, `expired` or `failed` when the command was not handed over. Reports may come twice and in any order.
package struct DeviceReport: Sendable, Hashable {
    /// The longest request id in bytes, as commands have it.
    package static let maximumIDBytes = 255

    package var requestID: String
    /// Nil when the answer does not tell which device gave it.
    package var deviceID: String?
    package var step: CommandTransition

    package init(requestID: String, deviceID: String?, step: CommandTransition) {
        self.requestID = requestID
        self.deviceID = deviceID
        self.step = step
    }

    /// Reads a line; nil when it is of another kind.
    package init?(_ root: JSONValue) throws(MessageError) {
        guard let report = root["report"] else { return nil }
        requestID = try root.required("request_id", "an id") { value in
            value.string.flatMap { (1...Self.maximumIDBytes).contains($0.utf8.count) ? $0 : nil }
        }
        deviceID = root["device_id"]?.string
        step = try CommandTransition(report)
        guard case .delivery = step.evidence, step.state != .accepted else {
            throw MessageError("report must be a connector's")
        }
    }

    /// Writes a line, without the line's end.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("request_id", requestID)
        writer.member("device_id", deviceID)
        writer.name("report")
        step.write(to: &writer)
        writer.endObject()
    }

    static let schema = Schema.object(
        [
            .init("request_id", .text("01936b4e7c1d7b5a9d3e2f8a4c6e1b07", length: 1...maximumIDBytes)),
            .init("device_id", .text("sensor-17", "Null where the answer does not tell.").nullable),
            .init(
                "report",
                .object([
                    .init(
                        "status",
                        .words(
                            ["published", "acknowledged", "rejected", "timed_out", "expired", "failed"],
                            "`published`: handed to the transport.")),
                    .init("at", .time()),
                    .init("evidence", .object(DeviceDelivery.members)),
                ])),
        ], "What a device connector says of a command."
    ).named("DeviceReport")
}
