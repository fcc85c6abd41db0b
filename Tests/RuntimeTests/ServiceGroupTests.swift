import BusTestKit
import Glibc
import Synchronization
import Testing

@testable import Runtime

/// Signals here are real-time ones, a different one for each test: the process that runs the tests handles the rest.
@Suite struct ServiceGroupTests {
    @Test func startsInOrderAndStopsInReverse() async throws {
        let journal = Journal()
        let ready = Latch()
        let services = ["a", "b", "c"].map { RecordingService($0, journal, onStart: $0 == "c" ? ready : nil) }
        try await run(group(services)) { task in
            await ready.wait()
            task.cancel()
        }
        #expect(journal.entries == ["start a", "start b", "start c", "stop c", "stop b", "stop a"])
    }

    @Test func stopsOnASignal() async throws {
        let journal = Journal()
        let ready = Latch()
        let services = ["a", "b"].map { RecordingService($0, journal, onStart: $0 == "b" ? ready : nil) }
        try await run(group(services, signals: [40])) { _ in
            await ready.wait()
            kill(getpid(), 40)
        }
        #expect(journal.entries == ["start a", "start b", "stop b", "stop a"])
    }

    @Test func cancelsAllOnTheSecondSignal() async throws {
        let journal = Journal()
        let (ready, asked) = (Latch(), Latch())
        let services: [any Service] = [
            StubbornService("a", journal, onStart: nil, onStop: nil),
            StubbornService("b", journal, onStart: ready, onStop: asked),
        ]
        try await run(group(services, stopDeadline: .seconds(600), signals: [41])) { _ in
            await ready.wait()
            kill(getpid(), 41)
            await asked.wait()
            kill(getpid(), 41)
        }
        #expect(Set(journal.entries.suffix(2)) == ["cancelled a", "cancelled b"])
    }

    @Test func cancelsAServiceThatMissesTheDeadline() async throws {
        let journal = Journal()
        let ready = Latch()
        let services: [any Service] = [
            RecordingService("a", journal, onStart: nil), StubbornService("b", journal, onStart: ready, onStop: nil),
        ]
        try await run(group(services, stopDeadline: .milliseconds(20))) { task in
            await ready.wait()
            task.cancel()
        }
        #expect(Set(journal.entries.suffix(2)) == ["cancelled b", "stop a"])
    }

    @Test func stopsTheOthersWhenOneFails() async throws {
        let journal = Journal()
        let services: [any Service] = [RecordingService("a", journal, onStart: nil), FailingService()]
        await #expect {
            try await run(group(services)) { _ in }
        } throws: { error in
            "\(error)" == "service failing failed: Failure()"
        }
        #expect(journal.entries == ["start a", "stop a"])
    }

    @Test func refusesASignalThatCannotBeCaught() async {
        await #expect(throws: SignalWatchError.self) {
            try await run(group([], signals: [SIGKILL])) { _ in }
        }
    }

    private func group(
        _ services: [any Service], stopDeadline: Duration = .seconds(20), signals: [Int32] = []
    ) -> ServiceGroup {
        ServiceGroup(services, stopDeadline: stopDeadline, time: SystemTime(), logger: .silent, signals: signals)
    }

    /// Runs the group in a task while the body acts on it.
    private func run(
        _ group: ServiceGroup, _ body: @escaping @Sendable (Task<Void, any Error>) async -> Void
    ) async throws {
        try await withDeadline("group") {
            let task = Task { try await group.run() }
            await body(task)
            try await task.value
        }
    }
}

/// What happened, in order.
private final class Journal: Sendable {
    private let lines = Mutex<[String]>([])

    var entries: [String] { lines.withLock { $0 } }

    func write(_ line: String) { lines.withLock { $0.append(line) } }
}

/// Stops when asked.
private struct RecordingService: Service {
    let name: String
    let journal: Journal
    let onStart: Latch?

    init(_ name: String, _ journal: Journal, onStart: Latch?) {
        self.name = name
        self.journal = journal
        self.onStart = onStart
    }

    func run(_ lifecycle: Lifecycle) async throws {
        journal.write("start \(name)")
        lifecycle.started()
        onStart?.open()
        await lifecycle.waitForStop()
        journal.write("stop \(name)")
    }
}

/// Stops only when cancelled.
private struct StubbornService: Service {
    let name: String
    let journal: Journal
    let onStart: Latch?
    let onStop: Latch?

    init(_ name: String, _ journal: Journal, onStart: Latch?, onStop: Latch?) {
        self.name = name
        self.journal = journal
        self.onStart = onStart
        self.onStop = onStop
    }

    func run(_ lifecycle: Lifecycle) async throws {
        lifecycle.started()
        onStart?.open()
        await lifecycle.waitForStop()
        onStop?.open()
        await Latch().wait()
        journal.write("cancelled \(name)")
        throw CancellationError()
    }
}

private struct FailingService: Service {
    struct Failure: Error {}

    let name = "failing"

    func run(_ lifecycle: Lifecycle) async throws { throw Failure() }
}
