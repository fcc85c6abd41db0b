internal import Runtime

/// Asks the broker how a queue and its companions stand.
struct QueueInspection: Sendable {
    let queue: QueueName
    let transport: RabbitMQTransport

    func status() async throws(BusError) -> WorkQueueStatus {
        guard let own = try await count(queue.rawValue) else {
            throw BusError(.unknownQueue, "no queue is called \(queue)")
        }
        let dead = try await count(BrokerNames.dead(queue))
        var delayed = 0
        // The broker keeps the delay queues of others under names that only asking finds.
        for bucket in transport.topology.delaysToSearch(of: queue, now: transport.time.uptime) {
            guard try await count(BrokerNames.delay(queue, bucket)) != nil else { continue }
            transport.topology.note(bucket, of: queue)
        }
        for bucket in transport.topology.delays(of: queue) {
            delayed += try await count(BrokerNames.delay(queue, bucket))?.messages ?? 0
        }
        let hands = transport.consumers.workers(of: queue).map(\.unsettled)
        let oldest = hands.compactMap(\.oldest).min()
        return WorkQueueStatus(
            queue: queue, ready: own.messages, delayed: delayed, inFlight: hands.reduce(0) { $0 + $1.count },
            deadLetters: dead?.messages ?? 0, consumers: own.consumers,
            oldestAge: oldest.map { max(.zero, transport.time.now.duration(since: $0)) })
    }

    /// What a queue holds; nil when there is none of that name.
    private func count(_ name: String) async throws(BusError) -> (messages: Int, consumers: Int)? {
        do throws(BusError) {
            let reply = try await transport.consuming.withChannel { channel throws(BusError) in
                try await channel.call(.declareQueue(name, isPassive: true, arguments: []))
            }
            guard case .queue(let messages, let consumers) = reply else { return nil }
            return (messages, consumers)
        } catch {
            if error.code == .unknownQueue { return nil }
            throw error
        }
    }
}
