import BusClients

/// Appends single records from as many tasks as may be in flight, each awaiting its own.
///
/// arguments: SERVERS TOPIC PAYLOADS IN-FLIGHT SECONDS [PROPERTY=VALUE…]
enum KafkaSingle {
    static func run(_ arguments: inout Arguments) async throws -> Outcome {
        let servers = try arguments.text("SERVERS")
        let topic = Topic(try arguments.text("TOPIC"))
        let payloads = try arguments.payloads()
        let tasks = try arguments.count("IN-FLIGHT")
        let duration = try arguments.duration("SECONDS")
        return try await KafkaAppend.append(
            to: topic, payloads: payloads, batch: 1, tasks: tasks, duration: duration,
            configuration: arguments.kafkaConfiguration(servers: servers))
    }
}
