internal import BusClients
internal import Runtime

/// What every `WorkQueue` promises.
package enum WorkQueueConformance {
    private static let queue: QueueName = "conformance.jobs"

    package static let checks: [ConformanceCheck] = [
        ConformanceCheck("deliversInOrderAndAcksForGood") { environment in
            let queues = try await declared(environment)
            try await queues.enqueue(jobs(0..<50), to: queue)
            let deliveries = try await queues.consume(queue, prefetch: 100).take(50, "50 deliveries")
            try expect(deliveries.map(\.message.text), (0..<50).map { "job-\($0)" }, "the order")
            try expect(deliveries.allSatisfy { $0.attempt == 1 && !$0.isRedelivered }, "first attempts")
            for delivery in deliveries { delivery.ack() }
            try await settled(environment, ready: 0, inFlight: 0)
        },
        ConformanceCheck("keepsHeadersAndBinaryBodies") { environment in
            let queues = try await declared(environment)
            let body = (0...255).map { UInt8($0) }
            let message = Message(id: "binary", headers: ["ce_type": "täst", "empty": ""], body: body)
            try await queues.enqueue([Job(message)], to: queue)
            let deliveries = try await queues.consume(queue, prefetch: 1).take(1, "the message")
            try expect(deliveries.map(\.message), [message], "the message")
        },
        ConformanceCheck("givesEachJobToOneConsumer") { environment in
            let queues = try await declared(environment)
            let first = try await queues.consume(queue, prefetch: 5)
            let second = try await queues.consume(queue, prefetch: 5)
            try await queues.enqueue(jobs(0..<10), to: queue)
            async let left = first.take(5, "the first consumer's share")
            async let right = second.take(5, "the second consumer's share")
            let all = try await left + right
            try expect(Set(all.map(\.message.text)).count, 10, "distinct jobs")
        },
        ConformanceCheck("holdsBackBeyondThePrefetch") { environment in
            let queues = try await declared(environment)
            try await queues.enqueue(jobs(0..<10), to: queue)
            let consumer = try await queues.consume(queue, prefetch: 3)
            let held = try await consumer.take(3, "the prefetch")
            try await settled(environment, ready: 7, inFlight: 3)
            for delivery in held { delivery.ack() }
            let rest = try await consumer.take(3, "more after settling")
            try expect(rest.map(\.message.text), ["job-3", "job-4", "job-5"], "the next jobs")
        },
        ConformanceCheck("redeliversAfterARetryDelay") { environment in
            let queues = try await declared(environment)
            try await queues.enqueue(jobs(0..<1), to: queue)
            let consumer = try await queues.consume(queue, prefetch: 1)
            let first = try await consumer.take(1, "the first delivery")
            first[0].retry(after: .seconds(2), reason: "later")
            try await eventually("the job is delayed") { try await queues.status(of: queue).delayed == 1 }
            async let again = consumer.take(1, "the redelivery")
            try await environment.pass(.seconds(3))
            let second = try await again
            try expect(second[0].attempt, 2, "the attempt")
            try expect(second[0].isRedelivered, "the redelivery is marked")
        },
        ConformanceCheck("retriedJobsKeepTheirPlace") { environment in
            let queues = try await declared(environment)
            try await queues.enqueue(jobs(0..<4), to: queue)
            let consumer = try await queues.consume(queue, prefetch: 2)
            let first = try await consumer.take(2, "the first two")
            first[0].retry(after: .zero, reason: "again")
            first[1].ack()
            let next = try await consumer.take(2, "the next two")
            try expect(next.map(\.message.text).sorted(), ["job-0", "job-2"], "the retried one and its successor")
        },
        ConformanceCheck("sendsToDeadLettersAfterTheLastAttempt") { environment in
            let queues = try await declared(environment, WorkQueueOptions(maximumAttempts: 3))
            try await queues.enqueue(jobs(0..<2), to: queue)
            let consumer = try await queues.consume(queue, prefetch: 1)
            for _ in 0..<3 {
                let poison = try await consumer.take(1, "the poison")
                try expect(poison[0].message.text, "job-0", "the poison keeps its place")
                poison[0].retry(after: .zero, reason: "it hurts")
            }
            let rest = try await consumer.take(1, "the rest flows")
            try expect(rest[0].message.text, "job-1", "the next job")
            let letters = try await queues.deadLetters(of: queue, after: nil, limit: 10)
            try expect(letters.map(\.message.text), ["job-0"], "the dead letter")
            try expect(letters[0].reason.contains("it hurts"), "the reason is kept, got \(letters[0].reason)")
            try expect(letters[0].attempts, 3, "the attempts")
        },
        ConformanceCheck("rejectsReplaysAndDrops") { environment in
            let queues = try await declared(environment)
            try await queues.enqueue(jobs(0..<3), to: queue)
            let consumer = try await queues.consume(queue, prefetch: 3)
            for delivery in try await consumer.take(3, "three jobs") { delivery.reject(reason: "malformed") }
            try await eventually("three dead letters") { try await queues.status(of: queue).deadLetters == 3 }
            let letters = try await queues.deadLetters(of: queue, after: nil, limit: 10)
            try expect(letters.map(\.reason), ["malformed", "malformed", "malformed"], "the reasons")
            let page = try await queues.deadLetters(of: queue, after: letters[0].id, limit: 1)
            try expect(page.map(\.id), [letters[1].id], "the page after the first")
            try expect(try await queues.drop([letters[0].id], of: queue), 1, "dropped")
            try expect(try await queues.replay([letters[1].id, letters[0].id], of: queue), 1, "replayed")
            let replayed = try await consumer.take(1, "the replayed job")
            try expect(replayed[0].message.text, "job-1", "the replayed job")
            try expect(replayed[0].attempt, 1, "its attempts start again")
        },
        ConformanceCheck("expiresJobsThatWaitedTooLong") { environment in
            let queues = try await declared(environment)
            try await queues.enqueue(
                [Job(Message("short"), timeToLive: .seconds(1)), Job(Message("long"))], to: queue)
            try await environment.pass(.seconds(2))
            let deliveries = try await queues.consume(queue, prefetch: 5).take(1, "the living job")
            try expect(deliveries.map(\.message.text), ["long"], "what is delivered")
            try await eventually("the expired one is a dead letter") {
                try await queues.deadLetters(of: queue, after: nil, limit: 5).map(\.reason) == ["expired"]
            }
        },
        ConformanceCheck("deliversWhatWaitsBehindExpiredJobs") { environment in
            let queues = try await declared(environment)
            try await queues.enqueue(
                (0..<5).map { Job(Message("short-\($0)"), timeToLive: .seconds(1)) } + [Job(Message("long"))],
                to: queue)
            try await environment.pass(.seconds(2))
            let deliveries = try await queues.consume(queue, prefetch: 1).take(1, "the living job")
            try expect(deliveries.map(\.message.text), ["long"], "what is delivered")
        },
        ConformanceCheck("givesOneActiveConsumerAllAndThenAnother") { environment in
            let queues = try await declared(environment, WorkQueueOptions(singleActiveConsumer: true))
            try await queues.enqueue(jobs(0..<2), to: queue)
            let first = try await queues.consume(queue, prefetch: 1)
            let held = try await first.take(1, "the active consumer's job")
            try expect(held[0].message.text, "job-0", "the active consumer's job")
            let second = try await queues.consume(queue, prefetch: 5)
            async let taken = second.take(2, "the successor's jobs")
            let leaving = Task {
                var iterator = first.makeAsyncIterator()
                _ = try await iterator.next()
            }
            leaving.cancel()
            try await leaving.value
            try expect(try await taken.map(\.message.text), ["job-0", "job-1"], "the successor starts where it was")
        },
        ConformanceCheck("returnsUnsettledJobsWhenAConsumerLeaves") { environment in
            let queues = try await declared(environment)
            try await queues.enqueue(jobs(0..<1), to: queue)
            _ = try await queues.consume(queue, prefetch: 1).take(1, "the job")
            let again = try await queues.consume(queue, prefetch: 1).take(1, "the job again")
            try expect(again[0].isRedelivered, "it is marked as redelivered")
        },
        ConformanceCheck("settlesOnceOnly") { environment in
            let queues = try await declared(environment)
            try await queues.enqueue(jobs(0..<1), to: queue)
            let consumer = try await queues.consume(queue, prefetch: 1)
            let delivery = try await consumer.take(1, "the job")[0]
            delivery.ack()
            delivery.reject(reason: "too late")
            delivery.retry(after: .zero, reason: "too late")
            try await settled(environment, ready: 0, inFlight: 0)
            try expect(try await queues.status(of: queue).deadLetters, 0, "no dead letter")
        },
        ConformanceCheck("refusesWhatItCannotTake") { environment in
            let queues = try await declared(environment, WorkQueueOptions(maximumLength: 3))
            try await expectError(.unknownQueue, "an undeclared queue") {
                try await queues.enqueue(jobs(0..<1), to: "conformance.nowhere")
            }
            try await expectQueueFull(queues, maximumLength: 3)
            try await expectError(.messageTooLarge, "a body over the limit") {
                let body = [UInt8](repeating: 0, count: Message.maximumBodyBytes + 1)
                try await queues.enqueue([Job(Message(id: "large", body: body))], to: queue)
            }
            try await expectError(.invalidName, "an empty message id") {
                try await queues.enqueue([Job(Message(id: "", body: []))], to: queue)
            }
        },
        ConformanceCheck("addsAWaitingIdOnce") { environment in
            let queues = try await declared(environment)
            try await queues.enqueue(jobs(0..<1), to: queue)
            try await queues.enqueue(jobs(0..<2), to: queue)
            if queues.features.deduplicatesWaitingJobs {
                try expect(try await queues.status(of: queue).ready, 2, "two distinct jobs")
            } else {
                let all = try await queues.consume(queue, prefetch: 3).take(3, "the job and its double")
                try expect(all.map(\.message.text), ["job-0", "job-0", "job-1"], "the id is there twice")
            }
        },
        ConformanceCheck("bringsADelayedRetryBackToItsPlaceOrTheEnd") { environment in
            let queues = try await declared(environment)
            try await queues.enqueue(jobs(0..<4), to: queue)
            let consumer = try await queues.consume(queue, prefetch: 1)
            try await consumer.take(1, "the first job")[0].retry(after: .seconds(1), reason: "later")
            let held = try await consumer.take(1, "the second job")
            try await eventually("the first one is delayed") { try await queues.status(of: queue).delayed == 1 }
            try await environment.pass(.seconds(2))
            try await eventually("the delay is over") { try await queues.status(of: queue).delayed == 0 }
            held[0].ack()
            var order: [String] = []
            for _ in 0..<3 {
                let next = try await consumer.take(1, "the next job")
                order += next.map(\.message.text)
                next[0].ack()
            }
            let isKept = queues.features.keepsPlaceAfterDelay
            try expect(order, isKept ? ["job-0", "job-2", "job-3"] : ["job-2", "job-3", "job-0"], "the order")
        },
        ConformanceCheck("changesItsOptionsOrSaysThatItCannot") { environment in
            let queues = try await declared(environment, WorkQueueOptions(maximumAttempts: 3))
            try await queues.declare(queue, WorkQueueOptions(maximumAttempts: 3))
            if queues.features.changesOptions {
                try await queues.declare(queue, WorkQueueOptions(maximumAttempts: 1))
            } else {
                try await expectError(.unsupported, "other options than the queue has") {
                    try await queues.declare(queue, WorkQueueOptions(maximumAttempts: 1))
                }
            }
            try await queues.enqueue(jobs(0..<1), to: queue)
            let consumer = try await queues.consume(queue, prefetch: 1)
            try await consumer.take(1, "the job")[0].retry(after: .zero, reason: "no")
            if queues.features.changesOptions {
                try await eventually("one attempt was all") { try await queues.status(of: queue).deadLetters == 1 }
            } else {
                let second = try await consumer.take(1, "the job again")
                try expect(second[0].attempt, 2, "the options are the first ones")
            }
        },
        ConformanceCheck("namesItsQueuesAndMaybeThoseOfOthers") { environment in
            let queues = try await declared(environment)
            try await queues.declare("conformance.also", WorkQueueOptions())
            try expect(try await queues.queueNames(), ["conformance.also", queue], "what was declared here")
            guard let other = try await environment.reopen?() else { return }
            let names = try await other.queues.queueNames()
            try await other.queues.enqueue(jobs(0..<1), to: queue)
            await other.close()
            try expect(names, queues.features.namesEveryQueue ? ["conformance.also", queue] : [], "what others know")
        },
        ConformanceCheck("wakesAWaitingConsumer") { environment in
            let queues = try await declared(environment)
            let consumer = try await queues.consume(queue, prefetch: 1)
            async let delivery = consumer.take(1, "a job that comes later")
            try await eventually("the consumer is attached") { try await queues.status(of: queue).consumers == 1 }
            try await queues.enqueue(jobs(0..<1), to: queue)
            try expect(try await delivery.map(\.message.text), ["job-0"], "the job")
        },
        ConformanceCheck("endsWhenItsTaskIsCancelled") { environment in
            let queues = try await declared(environment)
            let consumer = try await queues.consume(queue, prefetch: 1)
            let task = Task {
                var iterator = consumer.makeAsyncIterator()
                return try await iterator.next() == nil
            }
            task.cancel()
            try expect(try await withDeadline("the end") { try await task.value }, "the sequence ends")
        },
    ]

    private static func declared(
        _ environment: ConformanceEnvironment, _ options: WorkQueueOptions = WorkQueueOptions()
    ) async throws -> any WorkQueue {
        try await environment.bus.queues.declare(queue, options)
        return environment.bus.queues
    }

    private static func jobs(_ range: Range<Int>) -> [Job] { range.map { Job(Message("job-\($0)")) } }

    /// Fills the queue until it refuses: at once where its bound is exact, else beyond what one call has in flight.
    private static func expectQueueFull(_ queues: any WorkQueue, maximumLength: Int) async throws {
        let perCall = maximumLength + 1
        try await expectError(.queueFull, "a queue beyond its length") {
            for call in 0..<(queues.features.boundsLengthExactly ? 1 : 20) {
                try await queues.enqueue(jobs(call * perCall..<(call + 1) * perCall), to: queue)
            }
        }
        let ready = try await queues.status(of: queue).ready
        if queues.features.enqueuesAllOrNone {
            try expect(ready, 0, "nothing of a refused call is added")
        } else {
            let most = queues.features.boundsLengthExactly ? maximumLength : maximumLength + perCall
            try expect((maximumLength...most).contains(ready), "the queue is full and not beyond, got \(ready)")
        }
    }

    private static func settled(_ environment: ConformanceEnvironment, ready: Int, inFlight: Int) async throws {
        try await eventually("ready \(ready), in flight \(inFlight)") {
            let status = try await environment.bus.queues.status(of: queue)
            return status.ready == ready && status.inFlight == inFlight
        }
    }
}

/// Asks again until the condition holds or 20 s are over; the pauses leave the threads to others.
func eventually(_ what: String, _ condition: @escaping @Sendable () async throws -> Bool) async throws {
    try await withDeadline(what) {
        while try await !condition() { try await Task.sleep(for: .milliseconds(2)) }
    }
}
