package import Runtime

/// Something that happened in an optimization: the body of an event on `optimization_events`.
///
/// Its routing key is `StreamNames.optimizationEvent(type)`.
package struct OptimizationEvent: Sendable, Hashable {
    /// Such as `session_started`, `progress`, `memory_optimized`.
    package var type: String
    /// Who says it: `hardware-resource-optimizer@<host>` or the like.
    package var agent: String
    /// A JSON object.
    package var data: [UInt8]
    package var timestamp: Timestamp

    package init(type: String, agent: String, data: [UInt8], timestamp: Timestamp) {
        self.type = type
        self.agent = agent
        self.data = data
        self.timestamp = timestamp
    }

    package init(json: [UInt8]) throws {
        try self.init(JSONDocument(parsing: json).root)
    }

    package init(_ value: JSONValue) throws(MessageError) {
        type = try value.requiredString("event_type")
        agent = try value.requiredString("agent")
        data = try value.requiredObject("data").minified
        timestamp = try value.requiredTimestamp("timestamp")
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: data.count + 128)
        writer.object { writer in
            writer.member("event_type", type)
            writer.member("agent", agent)
            writer.member("data", raw: data)
            writer.member("timestamp", timestamp)
        }
        return writer.bytes
    }
}

extension OptimizationEvent {
    static let schema = Schema.object(
        [
            .init("event_type", .text("memory_optimized")),
            .init("agent", .text("hardware-resource-optimizer@gpu-7", "Who says it.")),
            .init("data", .map(.anything(), "What the type brings.")),
            .init("timestamp", .time()),
        ], "Something that happened in an optimization."
    ).named("OptimizationEvent")
}
