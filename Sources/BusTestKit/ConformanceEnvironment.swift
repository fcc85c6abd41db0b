package import BusClients
internal import Runtime

/// What a conformance suite is run against: one transport, empty at the start of each check.
package struct ConformanceEnvironment: Sendable {
    package let bus: Bus
    /// Opens the same bus a second time, as another process would; nil where the transport has no such thing.
    package let reopen: (@Sendable () async throws -> Bus)?
    /// Lets time pass for the bus: moves a manual clock, or waits.
    package let pass: @Sendable (Duration) async throws -> Void

    package init(
        bus: Bus, reopen: (@Sendable () async throws -> Bus)? = nil,
        pass: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.bus = bus
        self.reopen = reopen
        self.pass = pass
    }
}

/// One promise of a port, checked.
package struct ConformanceCheck: Sendable, CustomStringConvertible {
    package let name: String
    package let run: @Sendable (ConformanceEnvironment) async throws -> Void

    package var description: String { name }

    init(_ name: String, _ run: @escaping @Sendable (ConformanceEnvironment) async throws -> Void) {
        self.name = name
        self.run = run
    }
}

/// A promise that was not kept.
package struct ConformanceFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Fails unless both are equal.
func expect<T: Equatable>(_ actual: T, _ expected: T, _ what: String) throws {
    guard actual == expected else { throw ConformanceFailure("\(what): got \(actual), expected \(expected)") }
}

/// Fails unless the condition holds.
func expect(_ condition: Bool, _ what: String) throws {
    guard condition else { throw ConformanceFailure(what) }
}

/// Fails unless the body throws a bus error of that kind.
func expectError(_ code: BusError.Code, _ what: String, _ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as BusError {
        return try expect(error.code, code, what)
    }
    throw ConformanceFailure("\(what): no error, expected \(code)")
}

extension Batches {
    /// Takes items until there are `count`, failing after the deadline.
    func take(_ count: Int, _ what: String) async throws -> [Item] {
        try await withDeadline(what) {
            var taken: [Item] = []
            var iterator = makeAsyncIterator()
            while taken.count < count, let batch = try await iterator.next() { taken += batch }
            return taken
        }
    }
}

extension LogConsumer {
    /// Takes records until there are `count`, failing after the deadline.
    func take(_ count: Int, _ what: String) async throws -> [StoredRecord] {
        try await withDeadline(what) {
            var taken: [StoredRecord] = []
            while taken.count < count, let batch = try await next() { taken += batch }
            return taken
        }
    }
}

extension Message {
    /// A message whose id and body are the text.
    init(_ text: String) { self.init(id: MessageID(text), body: Array(text.utf8)) }

    var text: String { String(decoding: body, as: UTF8.self) }
}
