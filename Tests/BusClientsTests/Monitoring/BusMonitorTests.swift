import BusClients
import BusTestKit
import Runtime
import Testing

/// Readiness over the embedded bus, by a clock that the tests turn.
@Suite struct BusMonitorTests {
    @Test func anIdleBusIsReady() async throws {
        try await withMonitoredBus { bus, monitor, time in
            _ = try await bus.queues.consume("jobs", prefetch: 1)
            time.advance(by: .seconds(3600))
            await monitor.sample()
            #expect(monitor.health.isReady)
            #expect(monitor.health.ports.map(\.connection.state) == [.connected, .connected, .connected])
        }
    }

    @Test func aDeliveryThatStaysUnsettledMakesItNotReady() async throws {
        try await withMonitoredBus { bus, monitor, time in
            try await bus.queues.enqueue([Job(Message(id: "1", body: []))], to: "jobs")
            var deliveries = try await bus.queues.consume("jobs", prefetch: 1).makeAsyncIterator()
            let delivery = try #require(try await deliveries.next()?.first)
            time.advance(by: .seconds(29))
            #expect(monitor.health.isReady)
            time.advance(by: .seconds(2))
            #expect(!monitor.health.isReady)
            let consumer = try #require(monitor.health.ports[0].consumers.first)
            #expect(consumer.unsettled == 1)
            #expect(consumer.oldestUnsettled == .seconds(31))
            #expect(monitor.health.problems == ["the consumer of jobs stands still with 1 unsettled"])
            delivery.ack()
            delivery.reject(reason: "a second settlement counts for nothing")
            #expect(monitor.health.isReady)
            #expect(monitor.health.ports[0].consumers.first?.unsettled == 0)
        }
    }

    @Test func longWorkThatSaysSoIsNotStuck() async throws {
        try await withMonitoredBus { bus, monitor, time in
            try await bus.queues.enqueue([Job(Message(id: "1", body: []))], to: "jobs")
            var deliveries = try await bus.queues.consume("jobs", prefetch: 1).makeAsyncIterator()
            let delivery = try #require(try await deliveries.next()?.first)
            for _ in 0..<5 {
                time.advance(by: .seconds(20))
                delivery.inProgress()
            }
            #expect(monitor.health.isReady)
            #expect(monitor.health.ports[0].consumers.first?.oldestUnsettled == .seconds(100))
        }
    }

    @Test func waitingWorkThatNobodyTakesMakesItNotReady() async throws {
        try await withMonitoredBus { bus, monitor, time in
            // Attached, but its worker never asks for anything.
            let deliveries = try await bus.queues.consume("jobs", prefetch: 1)
            time.advance(by: .seconds(600))
            try await bus.queues.enqueue([Job(Message(id: "1", body: []))], to: "jobs")
            await monitor.sample()
            #expect(monitor.health.isReady, "work that has just come is not stuck")
            time.advance(by: .seconds(31))
            await monitor.sample()
            #expect(monitor.health.problems == ["the consumer of jobs stands still with 1 waiting"])
            withExtendedLifetime(deliveries) {}
        }
    }

    @Test func lagOfFollowersAndSubscribersIsMeasured() async throws {
        try await withMonitoredBus { bus, monitor, time in
            let records = (0..<10).map { LogRecord(key: "k", value: [UInt8($0)]) }
            _ = try await bus.log.append(records, to: "log")
            let follower = try await bus.log.follow("log", from: [0: 4])
            let events = try await bus.events.subscribe(to: "events", matching: ["#"], from: .offset(0))
            try await bus.events.publish(
                [Event(routingKey: "a", message: Message(id: "1", body: []))], to: "events")
            await monitor.sample()
            #expect(monitor.health.ports[2].consumers.first?.lag == 6)
            #expect(monitor.health.ports[1].consumers.first?.lag == 1)
            var iterator = follower.makeAsyncIterator()
            #expect(try await iterator.next()?.count == 6)
            await monitor.sample()
            #expect(monitor.health.ports[2].consumers.first?.lag == 0)
            #expect(monitor.health.ports[2].producers.map(\.target) == ["log"])
            withExtendedLifetime(events) {}
        }
    }

    @Test func aGroupMemberHoldsWhatItHasNotCommitted() async throws {
        try await withMonitoredBus { bus, monitor, time in
            _ = try await bus.log.append([LogRecord(key: "k", value: [1])], to: "log")
            let member = try await bus.log.consume("log", group: "workers")
            #expect(try await member.next()?.count == 1)
            #expect(monitor.health.ports[2].consumers.first?.unsettled == 1)
            try await member.commit([0: 1])
            #expect(monitor.health.ports[2].consumers.first?.unsettled == 0)
            #expect(monitor.health.ports[2].consumers.first?.group == "workers")
            await member.close()
            #expect(monitor.health.ports[2].consumers.isEmpty)
        }
    }

    @Test func whatEndsIsForgotten() async throws {
        try await withMonitoredBus { bus, monitor, _ in
            do { _ = try await bus.queues.consume("jobs", prefetch: 1) }
            #expect(monitor.health.ports[0].consumers.isEmpty)
        }
    }

    @Test func aClosedBusIsNotReady() async throws {
        try await withMonitoredBus { bus, monitor, _ in
            await bus.close()
            #expect(!monitor.health.isReady)
        }
    }
}

private func withMonitoredBus(_ body: (Bus, BusMonitor, ManualTime) async throws -> Void) async throws {
    try await withEmbeddedBus { bare, time, _ in
        let bus = bare.monitored(time: time, metrics: nil)
        try await bus.queues.declare("jobs", WorkQueueOptions(leaseDuration: .seconds(3600)))
        try await bus.events.declare("events", EventExchangeOptions())
        try await bus.log.createTopic("log", TopicOptions())
        try await body(bus, try #require(bus.monitor), time)
    }
}
