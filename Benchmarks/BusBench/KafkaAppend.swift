import BusClients

/// Appends batches from several tasks, each awaiting its batch before it appends the next.
///
/// arguments: SERVERS TOPIC PAYLOADS BATCH TASKS SECONDS [PROPERTY=VALUE…]
enum KafkaAppend {
    static func run(_ arguments: inout Arguments) async throws -> Outcome {
        let servers = try arguments.text("SERVERS")
        let topic = Topic(try arguments.text("TOPIC"))
        let payloads = try arguments.payloads()
        let batch = try arguments.count("BATCH")
        let tasks = try arguments.count("TASKS")
        let duration = try arguments.duration("SECONDS")
        return try await append(
            to: topic, payloads: payloads, batch: batch, tasks: tasks, duration: duration,
            configuration: arguments.kafkaConfiguration(servers: servers))
    }

    static func append(
        to topic: Topic, payloads: Payloads, batch: Int, tasks: Int, duration: Duration,
        configuration: KafkaConfiguration
    ) async throws -> Outcome {
        let client = try await KafkaClient.connect(configuration)
        let log = client.log
        let numbers = Numbers()
        // Before the clock starts: connections, topic and producer id are there then.
        _ = try await log.append(payloads.records(numbers.take(1000)), to: topic)

        let measurement = Measurement()
        let appended = try await Load.run(tasks: tasks, until: measurement.begun + duration) {
            try await log.append(payloads.records(numbers.take(batch)), to: topic).count
        }
        let outcome = measurement.outcome(messages: appended, bytes: appended * Payloads.bytes)
        await client.close()
        return outcome
    }
}
