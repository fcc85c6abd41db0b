import BusClients
import BusTestKit
import Runtime
import Testing

/// What happens while the broker is low on memory.
@Suite(.needsRabbitMQ, .timeLimit(.minutes(2)))
struct RabbitMQAlarmTests {
    @Test func refusesAtOnceWhileTheBrokerTakesNothingAndRecovers() async throws {
        let broker = try await RabbitMQBroker.start()
        try await withClient(broker.url, configure: { $0.publishTimeout = .seconds(3) }) { client in
            try await client.queues.declare("q", WorkQueueOptions())
            try await client.queues.enqueue([job(0)], to: "q")
            try await broker.control(["set_vm_memory_high_watermark", "0.0000001"])
            // The broker says so to those who publish, once it has noticed: the first ones may still get through.
            try await eventually("the alarm is known") {
                let refused = await failure { try await client.queues.enqueue([job(1)], to: "q") }
                return refused != nil && client.queues.connection.state == .blocked
            }
            #expect(client.queues.connection.reason?.contains("memory") == true)
            let start = ContinuousClock.now
            let error = await failure { try await client.queues.enqueue([job(2)], to: "q") }
            #expect(error?.code == .unavailable || error?.code == .unconfirmed)
            #expect(ContinuousClock.now - start < .seconds(1))
            // Consumers and questions go on.
            let ready = try await client.queues.status(of: "q").ready
            let delivery = try await client.queues.consume("q", prefetch: 1).take(1)
            #expect(delivery.map(\.message.id) == ["job-0"])
            delivery[0].ack()
            try await eventually("the ack took effect") {
                let status = try await client.queues.status(of: "q")
                return status.ready + status.inFlight == ready - 1
            }

            try await broker.control(["set_vm_memory_high_watermark", "0.6"])
            try await eventually("the alarm is over") { client.queues.connection.state == .connected }
            try await client.queues.enqueue([job(3)], to: "q")
        }
    }

    @Test func staysResponsiveWithAFullSocket() async throws {
        let broker = try await RabbitMQBroker.start()
        try await withClient(
            broker.url,
            configure: {
                $0.publishTimeout = .seconds(3)
                $0.heartbeat = .seconds(60)
            }
        ) { client in
            try await client.queues.declare("q", WorkQueueOptions())
            try await broker.control(["set_vm_memory_high_watermark", "0.0000001"])
            let body = [UInt8](repeating: 1, count: 8 << 20)
            let start = ContinuousClock.now
            await withTaskGroup { group in
                for number in 0..<4 {
                    group.addTask {
                        let error = await failure {
                            try await client.queues.enqueue(
                                [Job(Message(id: MessageID("m\(number)"), body: body))], to: "q")
                        }
                        #expect(error?.code == .unavailable || error?.code == .unconfirmed)
                    }
                }
            }
            #expect(ContinuousClock.now - start < .seconds(6))
            let closing = ContinuousClock.now
            await client.close()
            #expect(ContinuousClock.now - closing < .seconds(5))
        }
    }

    private func job(_ number: Int) -> Job { Job(Message(id: MessageID("job-\(number)"), body: [])) }
}
