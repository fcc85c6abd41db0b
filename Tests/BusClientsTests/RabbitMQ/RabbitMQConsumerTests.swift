import BusClients
import BusTestKit
import Runtime
import Testing

/// Consumers when queues come and go, workers die, and nobody keeps up.
@Suite(.needsRabbitMQ, .timeLimit(.minutes(2)))
struct RabbitMQConsumerTests {
    private func withFreshClient(
        logger: Logger = .silent, _ body: (RabbitMQClient, RabbitMQBroker, _ vhost: String) async throws -> Void
    ) async throws {
        let broker = try await RabbitMQBroker.shared
        let vhost = try await broker.addVirtualHost()
        try await withClient(broker.url(vhost: vhost), logger: logger) { try await body($0, broker, vhost) }
    }

    private func delete(_ queue: String, _ broker: RabbitMQBroker, _ vhost: String) async throws {
        try await broker.evaluate(
            """
            {ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"\(vhost)">>, queue, <<"\(queue)">>)),
            rabbit_amqqueue:delete(Q, false, false, <<"guest">>)
            """)
    }

    private func jobs(_ range: Range<Int>) -> [Job] { range.map { Job(Message(id: MessageID("job-\($0)"), body: [])) } }

    @Test func goesOnWhenItsQueueIsDeleted() async throws {
        try await withFreshClient { client, broker, vhost in
            try await client.queues.declare("q", WorkQueueOptions())
            let consumer = try await client.queues.consume("q", prefetch: 5)
            try await client.queues.enqueue(jobs(0..<1), to: "q")
            try await consumer.take(1)[0].ack()
            try await delete("q", broker, vhost)
            try await eventually("the consumer is back") {
                do { return try await client.queues.status(of: "q").consumers == 1 } catch { return false }
            }
            try await client.queues.enqueue(jobs(1..<2), to: "q")
            #expect(try await consumer.take(1).map(\.message.id) == ["job-1"])
        }
    }

    @Test func goesOnWhenAQueueOfOthersComesBack() async throws {
        let memory = LogMemory()
        let logger = Logger(component: "test", sink: LogSink(memory: memory))
        try await withFreshClient(logger: logger) { client, broker, vhost in
            try await withClient(broker.url(vhost: vhost)) { owner in
                try await owner.queues.declare("q", WorkQueueOptions())
                let consumer = try await client.queues.consume("q", prefetch: 5)
                try await delete("q", broker, vhost)
                // RabbitMQ does not tell consumers of a queue that is declared again at once.
                try await eventually("the consumer looks for it") {
                    memory.lines.contains { $0.contains("rabbitmq_attach_failed") }
                }
                try await owner.queues.declare("q", WorkQueueOptions())
                try await owner.queues.enqueue(jobs(0..<1), to: "q")
                #expect(try await consumer.take(1).map(\.message.id) == ["job-0"])
            }
        }
    }

    @Test func takesNothingAsDurableThatNoQueueTook() async throws {
        try await withFreshClient { client, broker, vhost in
            try await withClient(broker.url(vhost: vhost)) { owner in
                try await owner.queues.declare("theirs", WorkQueueOptions())
                try await client.queues.enqueue(jobs(0..<1), to: "theirs")
                try await delete("theirs", broker, vhost)
            }
            let error = await failure {
                try await client.queues.enqueue(jobs(1..<3), to: "theirs")
            }
            #expect(error?.code == .unknownQueue)
            // A queue of its own it declares again, and sends the jobs once more.
            try await client.queues.declare("ours", WorkQueueOptions())
            try await delete("ours", broker, vhost)
            try await client.queues.enqueue(jobs(0..<3), to: "ours")
            let got = try await client.queues.consume("ours", prefetch: 5).take(3)
            #expect(got.map(\.message.id) == ["job-0", "job-1", "job-2"])
            #expect(got.allSatisfy { $0.attempt == 1 })
        }
    }

    @Test func poisonThatKillsItsWorkersGoesToTheDeadLetters() async throws {
        try await withFreshClient { client, broker, vhost in
            try await client.queues.declare("q", WorkQueueOptions(maximumAttempts: 3))
            try await client.queues.enqueue(jobs(0..<2), to: "q")
            for attempt in 1...3 {
                // A worker that takes the job and is gone without a word.
                try await withClient(broker.url(vhost: vhost)) { worker in
                    let job = try await worker.queues.consume("q", prefetch: 1).take(1)
                    #expect(job.map(\.message.id) == ["job-0"])
                    #expect(job[0].attempt == attempt)
                }
            }
            try await eventually("it is a dead letter") { try await client.queues.status(of: "q").deadLetters == 1 }
            let letters = try await client.queues.deadLetters(of: "q", after: nil, limit: 5)
            #expect(letters.map(\.message.id) == ["job-0"])
            #expect(letters.map(\.reason) == ["attempts exhausted"])
            #expect(letters.map(\.attempts) == [3])
            #expect(abs(letters[0].diedAt.duration(since: SystemTime().now) / .seconds(1)) < 10)
            let rest = try await client.queues.consume("q", prefetch: 1).take(1)
            #expect(rest.map(\.message.id) == ["job-1"])
            #expect(try await client.queues.replay(letters.map(\.id), of: "q") == 1)
        }
    }

    @Test func countsAttemptsAcrossDelays() async throws {
        try await withFreshClient { client, _, _ in
            try await client.queues.declare("q", WorkQueueOptions(maximumAttempts: 3))
            try await client.queues.enqueue(jobs(0..<1), to: "q")
            let consumer = try await client.queues.consume("q", prefetch: 1)
            for attempt in 1...3 {
                let job = try await consumer.take(1)
                #expect(job[0].attempt == attempt)
                #expect(job[0].message.headers.isEmpty)
                job[0].retry(after: .milliseconds(attempt == 2 ? 0 : 100), reason: "busy")
            }
            try await eventually("it is a dead letter") { try await client.queues.status(of: "q").deadLetters == 1 }
            let letters = try await client.queues.deadLetters(of: "q", after: nil, limit: 5)
            #expect(letters.map(\.reason) == ["attempts exhausted: busy"])
            #expect(letters.map(\.attempts) == [3])
        }
    }

    @Test func listsAndDropsManyDeadLettersPageByPage() async throws {
        try await withFreshClient { client, _, _ in
            try await client.queues.declare("q", WorkQueueOptions())
            try await client.queues.enqueue(jobs(0..<150), to: "q")
            for job in try await client.queues.consume("q", prefetch: 200).take(150) { job.reject(reason: "no") }
            try await eventually("all are dead") { try await client.queues.status(of: "q").deadLetters == 150 }
            var seen: [DeadLetter] = []
            while true {
                let page = try await client.queues.deadLetters(of: "q", after: seen.last?.id, limit: 40)
                if page.isEmpty { break }
                seen += page
            }
            let isInOrder = seen.map(\.message.id.rawValue) == (0..<150).map { "job-\($0)" }
            #expect(isInOrder)
            #expect(Set(seen.map(\.id)).count == 150)
            #expect(try await client.queues.drop(seen[10..<140].map(\.id), of: "q") == 130)
            #expect(try await client.queues.drop(seen.map(\.id), of: "q") == 20)
            #expect(try await client.queues.deadLetters(of: "q", after: nil, limit: 1) == [])
        }
    }

    @Test func doesNotTakeInMoreThanItsPrefetch() async throws {
        try await withFreshClient { client, broker, vhost in
            try await client.queues.declare("q", WorkQueueOptions())
            try await client.events.declare("e", EventExchangeOptions())
            let consumer = try await client.queues.consume("q", prefetch: 10)
            let subscription = try await client.events.subscribe(to: "e", matching: [.all], from: .next)
            let body = [UInt8](repeating: 0, count: 10_000)
            try await withClient(broker.url(vhost: vhost)) { producer in
                for round in 0..<20 {
                    let messages = (0..<500).map { Message(id: MessageID("m\(round)-\($0)"), body: body) }
                    try await producer.queues.enqueue(messages.map { Job($0) }, to: "q")
                    try await producer.events.publish(
                        messages.map { Event(routingKey: "k", message: $0) }, to: "e")
                }
            }
            let status = try await client.queues.status(of: "q")
            #expect(status.inFlight == 10)
            #expect(status.ready == 9_990)
            let events = try await subscription.take(10_000, seconds: 60)
            #expect(events.map(\.offset) == events.map(\.offset).sorted())
            #expect(Set(events.map(\.message.id)).count == 10_000)
            let got = try await consumer.take(10)
            #expect(got.map(\.message.id.rawValue) == (0..<10).map { "m0-\($0)" })
        }
    }

    @Test func carriesLargeMessages() async throws {
        try await withFreshClient { client, _, _ in
            try await client.queues.declare("q", WorkQueueOptions())
            let sizes = [0, 1, 16_384, 16_385, 131_064, 131_072, 1 << 20, Message.maximumBodyBytes]
            let messages = sizes.map { size in
                Message(id: MessageID("m\(size)"), body: (0..<size).map { UInt8(truncatingIfNeeded: $0 / 7) })
            }
            try await client.queues.enqueue(messages.map { Job($0) }, to: "q")
            let got = try await client.queues.consume("q", prefetch: 20).take(sizes.count, seconds: 60)
            #expect(got.map(\.message) == messages)
        }
    }
}
