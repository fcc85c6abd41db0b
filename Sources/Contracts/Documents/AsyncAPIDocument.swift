/// The fleet's channels as an AsyncAPI 3.0 document.
package struct AsyncAPIDocument: Sendable {
    package let channels: [FleetChannel]
    package let version: String

    package init(channels: [FleetChannel] = FleetChannel.all, version: String) {
        self.channels = channels
        self.version = version
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 32 << 10)
        writer.object { writer in
            writer.member("asyncapi", "3.0.0")
            writer.member(
                "info",
                object: { writer in
                    writer.member("title", "Flotilla")
                    writer.member("version", version)
                    writer.member(
                        "description",
                        "What flows through the fleet's queues and exchanges (RabbitMQ) and topics (Kafka); with "
                            + "`flotilla up` the same on its embedded bus. Delivery is at least once; a message's id is "
                            + "stable.")
                })
            writer.member("defaultContentType", "application/json")
            writer.member(
                "channels",
                object: { writer in
                    for channel in channels { writer.member(channel.name, object: { write(channel, to: &$0) }) }
                })
            writer.member(
                "operations",
                object: { writer in
                    for channel in channels { writeOperation(on: channel, to: &writer) }
                })
            writer.member("components", object: writeComponents)
        }
        return writer.bytes
    }

    private func write(_ channel: FleetChannel, to writer: inout JSONWriter) {
        writer.member("address", channel.address)
        writer.member("title", channel.kind.rawValue)
        writer.member("description", channel.text)
        writer.member(
            "messages",
            object: { writer in
                for message in channel.messages {
                    writer.member(
                        message.name, object: { $0.member("$ref", "#/components/messages/\(message.name)") })
                }
            })
        let parameters = channel.address.split(separator: "{").dropFirst().compactMap { $0.split(separator: "}").first }
        if !parameters.isEmpty {
            writer.member(
                "parameters",
                object: { writer in
                    for name in parameters { writer.member(String(name), object: { $0.member("description", name) }) }
                })
        }
    }

    private func writeOperation(on channel: FleetChannel, to writer: inout JSONWriter) {
        writer.member(
            "send_\(channel.name)",
            object: { writer in
                writer.member("action", "send")
                writer.member("channel", object: { $0.member("$ref", "#/channels/\(channel.name)") })
                writer.member("summary", channel.text)
            })
    }

    private func writeComponents(_ writer: inout JSONWriter) {
        writer.member(
            "messages",
            object: { writer in
                for message in channels.flatMap(\.messages) {
                    writer.member(message.name, object: { write(message, to: &$0) })
                }
            })
        Schema.writeNamed(in: channels.flatMap(\.messages).map(\.schema), to: &writer)
    }

    private func write(_ message: FleetMessage, to writer: inout JSONWriter) {
        writer.member("name", message.name)
        writer.member("summary", message.text)
        writer.member("contentType", message.contentType)
        if let key = message.key { writer.member("description", "Its key is \(key).") }
        if !message.headers.isEmpty {
            writer.name("headers")
            Schema.object(message.headers).write(to: &writer)
        }
        writer.name("payload")
        message.schema.write(to: &writer)
        writer.member(
            "examples",
            array: { writer in
                writer.object { writer in
                    writer.name("payload")
                    message.schema.writeExample(to: &writer)
                }
            })
    }
}
