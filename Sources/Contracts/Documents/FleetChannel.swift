/// A queue, an exchange or a topic of the fleet, and what flows through it.
package struct FleetChannel: Sendable {
    /// What it is called in the document.
    package let name: String
    /// Its name on the bus; a part in braces stands for any.
    package let address: String
    package let kind: Kind
    package let text: String
    package let messages: [FleetMessage]

    package enum Kind: String, Sendable {
        /// RabbitMQ, or embedded: each job to one worker.
        case queue
        /// RabbitMQ streams, or embedded: each event to every subscriber.
        case exchange
        /// Kafka, or embedded: a log by key.
        case topic
    }
}

/// One kind of message.
package struct FleetMessage: Sendable {
    package let name: String
    package let text: String
    /// The routing key of an event, or what the key of a record is.
    package let key: String?
    /// Of the body, or of each line of one.
    package let schema: Schema
    /// The headers beside the body.
    package let headers: [Schema.Property]
    /// Whether the body is lines, each with the schema.
    package let isLines: Bool

    package init(
        _ name: String, _ text: String, key: String? = nil, _ schema: Schema, headers: [Schema.Property] = [],
        isLines: Bool = false
    ) {
        self.name = name
        self.text = text
        self.key = key
        self.schema = schema
        self.headers = headers
        self.isLines = isLines
    }

    package var contentType: String { isLines ? "application/x-ndjson" : "application/json" }
}
