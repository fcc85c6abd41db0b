internal import BusClients
internal import Runtime

/// What every `EventExchange` promises.
package enum EventExchangeConformance {
    private static let exchange: ExchangeName = "conformance_events"

    package static let checks: [ConformanceCheck] = [
        ConformanceCheck("deliversToEveryMatchingSubscriber") { environment in
            let events = try await declared(environment)
            let all = try await events.subscribe(to: exchange, matching: ["#"], from: .next)
            let memory = try await events.subscribe(to: exchange, matching: ["optimization.memory.*"], from: .next)
            let two = try await events.subscribe(to: exchange, matching: ["*.disk.#", "alert"], from: .next)
            try await events.publish(
                [
                    event("optimization.memory.optimized"), event("optimization.disk.cleaned.up"), event("alert"),
                    event("optimization.memory"),
                ], to: exchange)
            try expect(try await all.take(4, "all").map(\.routingKey.rawValue).count, 4, "all events")
            try expect(
                try await memory.take(1, "memory").map(\.routingKey), ["optimization.memory.optimized"], "one word each"
            )
            try expect(
                try await two.take(2, "two patterns").map(\.routingKey), ["optimization.disk.cleaned.up", "alert"],
                "both patterns, in order, each event once")
        },
        ConformanceCheck("replaysTheHistoryFromAnyOffset") { environment in
            let events = try await declared(environment)
            try await events.publish((0..<300).map { event("count.\($0)") }, to: exchange)
            let history = try await events.history(of: exchange)
            let first = try await events.subscribe(to: exchange, matching: [.all], from: .first).take(300, "all of it")
            try expect(first.map(\.routingKey.rawValue), (0..<300).map { "count.\($0)" }, "the order")
            try expect(first[0].offset, history.lowerBound, "the first offset")
            try expect(first[299].offset < history.upperBound, "the next offset is beyond the last")
            let middle = try await events.subscribe(to: exchange, matching: [.all], from: .offset(first[200].offset))
                .take(100, "the rest")
            try expect(middle[0].routingKey, "count.200", "where it goes on")
        },
        ConformanceCheck("subscribesFromNowOn") { environment in
            let events = try await declared(environment)
            try await events.publish([event("before")], to: exchange)
            let subscription = try await events.subscribe(to: exchange, matching: [.all], from: .next)
            try await events.publish([event("after")], to: exchange)
            try expect(try await subscription.take(1, "the new event").map(\.routingKey), ["after"], "only the new one")
        },
        ConformanceCheck("keepsMessagesWhole") { environment in
            let events = try await declared(environment)
            let message = Message(id: "m", headers: ["traceparent": "00-1"], body: [0, 255, 10])
            try await events.publish([Event(routingKey: "whole", message: message)], to: exchange)
            let got = try await events.subscribe(to: exchange, matching: ["whole"], from: .first).take(1, "the event")
            try expect(got[0].message, message, "the message")
        },
        ConformanceCheck("wakesAWaitingSubscriber") { environment in
            let events = try await declared(environment)
            let subscription = try await events.subscribe(to: exchange, matching: ["late.#"], from: .next)
            async let got = subscription.take(1, "an event that comes later")
            try await events.publish([event("early"), event("late.one")], to: exchange)
            try expect(try await got.map(\.routingKey), ["late.one"], "the event")
        },
        ConformanceCheck("aSlowSubscriberMissesNothing") { environment in
            let events = try await declared(environment)
            let subscription = try await events.subscribe(to: exchange, matching: [.all], from: .next)
            for batch in 0..<20 {
                try await events.publish((0..<200).map { event("b\(batch).e\($0)") }, to: exchange)
            }
            let got = try await subscription.take(4000, "all events")
            try expect(got.map(\.offset), got.map(\.offset).sorted(), "offsets grow")
            try expect(got.last?.routingKey, "b19.e199", "the last one")
        },
        ConformanceCheck("refusesAnUndeclaredExchange") { environment in
            let events = try await declared(environment)
            try await expectError(.unknownExchange, "an undeclared exchange") {
                try await events.publish([event("x")], to: "conformance_nowhere")
            }
            try await expectError(.unknownExchange, "a subscription to an undeclared exchange") {
                _ = try await events.subscribe(to: "conformance_nowhere", matching: [.all], from: .first)
            }
            try await expectError(.unknownExchange, "a subscription to the future of an undeclared exchange") {
                _ = try await events.subscribe(to: "conformance_nowhere", matching: [.all], from: .next)
            }
            try await expectError(.unknownExchange, "the history of an undeclared exchange") {
                _ = try await events.history(of: "conformance_nowhere")
            }
        },
        ConformanceCheck("knowsWhereItsHistoryEnds") { environment in
            let events = try await declared(environment)
            let empty = try await events.history(of: exchange)
            try expect(empty.isEmpty, "the history of a new exchange is empty, got \(empty)")
            var end = empty.upperBound
            for round in 0..<5 {
                try await events.publish((0..<3).map { event("r\(round).e\($0)") }, to: exchange)
                let history = try await events.history(of: exchange)
                let last = try await events.subscribe(to: exchange, matching: [.all], from: .offset(end))
                    .take(3, "the events of this round")
                try expect(
                    last.map(\.routingKey.rawValue), (0..<3).map { "r\(round).e\($0)" }, "no event before the end")
                try expect(last[2].offset < history.upperBound, "confirmed events are before the end")
                end = history.upperBound
            }
        },
        ConformanceCheck("changesItsOptionsOrSaysThatItCannot") { environment in
            let events = try await declared(environment)
            try await events.declare(exchange, EventExchangeOptions())
            let other = EventExchangeOptions(maximumBytes: 1 << 24)
            if events.features.changesOptions {
                try await events.declare(exchange, other)
            } else {
                try await expectError(.unsupported, "other options than the exchange has") {
                    try await events.declare(exchange, other)
                }
            }
            try await events.publish([event("still.there")], to: exchange)
            let got = try await events.subscribe(to: exchange, matching: [.all], from: .first).take(1, "the event")
            try expect(got.map(\.routingKey), ["still.there"], "the exchange works on")
        },
        ConformanceCheck("endsWhenItsTaskIsCancelled") { environment in
            let subscription = try await declared(environment).subscribe(to: exchange, matching: [.all], from: .next)
            let task = Task {
                var iterator = subscription.makeAsyncIterator()
                return try await iterator.next() == nil
            }
            task.cancel()
            try expect(try await withDeadline("the end") { try await task.value }, "the sequence ends")
        },
    ]

    private static func declared(_ environment: ConformanceEnvironment) async throws -> any EventExchange {
        try await environment.bus.events.declare(exchange, EventExchangeOptions())
        return environment.bus.events
    }

    private static func event(_ key: String) -> Event { Event(routingKey: RoutingKey(key), message: Message(key)) }
}
