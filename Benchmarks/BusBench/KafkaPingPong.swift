import BusClients

/// One record goes there and back through two topics; counts the round trips after the first.
///
/// arguments: SERVERS PING PONG PAYLOADS SECONDS FETCH-WAIT-MS
enum KafkaPingPong {
    static func run(_ arguments: inout Arguments) async throws -> Outcome {
        var configuration = try KafkaConfiguration(bootstrapServers: arguments.text("SERVERS"))
        let ping = Topic(try arguments.text("PING"))
        let pong = Topic(try arguments.text("PONG"))
        let ball = try arguments.payloads().record(0)
        let duration = try arguments.duration("SECONDS")
        configuration.properties["fetch.wait.max.ms"] = try arguments.text("FETCH-WAIT-MS")
        let client = try await KafkaClient.connect(configuration)
        let log = client.log

        let answering = BusBench.inBackground { try await answer(log, from: ping, to: pong) }
        let consumer = try await log.consume(pong, group: ConsumerGroup("\(pong)-readers"))
        _ = try await log.append([ball], to: ping)
        var commit = SecondlyCommit(consumer)
        var game = Game(duration: duration)
        rounds: while let records = try await consumer.next() {
            for record in records {
                guard record.record == ball else { throw Failure("another ball came back") }
                guard game.ballIsBack() else { break rounds }
                _ = try await log.append([ball], to: ping)
            }
            try await commit.handled(records)
        }
        try await commit.commit()
        await consumer.close()
        answering.cancel()
        await answering.value
        await client.close()
        return try game.outcome
    }

    /// Every record of one topic goes into the other.
    private static func answer(_ log: any MessageLog, from ping: Topic, to pong: Topic) async throws {
        let consumer = try await log.consume(ping, group: ConsumerGroup("\(ping)-readers"))
        var commit = SecondlyCommit(consumer)
        while let records = try await consumer.next() {
            for record in records { _ = try await log.append([record.record], to: pong) }
            try await commit.handled(records)
        }
    }
}
