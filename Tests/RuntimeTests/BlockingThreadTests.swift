import BusTestKit
import Glibc
import Synchronization
import Testing

@testable import Runtime

@Suite struct BlockingThreadTests {
    private struct Failure: Error {}

    @Test func pinsAnActorToOneThread() async {
        let thread = BlockingThread(name: "pinned")
        let actor = PinnedActor(thread)
        var threads: Set<UInt> = []
        for _ in 0..<100 {
            threads.insert(await actor.currentThread())
            await Task.yield()
        }
        #expect(threads.count == 1)
        thread.stop()
    }

    @Test func runsWorkInOrderOnTheSameThread() async throws {
        let thread = BlockingThread(name: "order")
        let order = Mutex<[Int]>([])
        for number in 0..<1000 { thread.submit { order.withLock { $0.append(number) } } }
        let id = try await thread.run { UInt(pthread_self()) }
        #expect(try await thread.run { UInt(pthread_self()) } == id)
        #expect(order.withLock { $0 } == Array(0..<1000))
        thread.stop()
    }

    @Test func givesBackErrorsAndKnowsItsThread() async throws {
        let thread = BlockingThread(name: "errors")
        await #expect(throws: Failure.self) { try await thread.run { throw Failure() } }
        #expect(!thread.isCurrent)
        #expect(thread.isIsolatingCurrentContext() == false)
        #expect(try await thread.run { thread.isCurrent })
        try await thread.run { thread.checkIsolated() }
        thread.stop()
    }

    @Test func carriesItsName() async throws {
        let thread = BlockingThread(name: "a-name-that-is-too-long")
        let name = try await thread.run {
            let file = open("/proc/thread-self/comm", O_RDONLY | O_CLOEXEC)
            defer { close(file) }
            var name = [UInt8](repeating: 0, count: 17)
            let count = read(file, &name, name.count)
            return String(decoding: name.prefix(max(0, count - 1)), as: UTF8.self)
        }
        #expect(name == "a-name-that-is-")
        thread.stop()
    }

    @Test func drainsBeforeItStopsAndRefusesAfterwards() async {
        let thread = BlockingThread(name: "drain")
        let done = Atomic<Int>(0)
        for _ in 0..<100 { thread.submit { done.add(1, ordering: .relaxed) } }
        thread.stop()
        thread.stop()
        #expect(done.load(ordering: .relaxed) == 100)
        #expect(!thread.submit {})
        await #expect(throws: BlockingThreadStopped(name: "drain")) { try await thread.run {} }
    }

    @Test func stopsFromItsOwnThread() async throws {
        let thread = BlockingThread(name: "self-stop")
        try await thread.run { thread.stop() }
        await #expect(throws: BlockingThreadStopped.self) { try await thread.run {} }
    }

    @Test func stillServesAnActorAfterTheStop() async throws {
        let thread = BlockingThread(name: "late")
        let actor = PinnedActor(thread)
        _ = await actor.currentThread()
        thread.stop()
        try await withDeadline("late calls") {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { await actor.count() } }
            }
        }
        #expect(await actor.calls == 50)
    }

    @Test func endsItsThreadWhenNobodyHoldsIt() async throws {
        let ended = Latch()
        do {
            let thread = BlockingThread(name: "dropped")
            thread.submit { ended.open() }
        }
        try await withDeadline("work of a dropped thread") { await ended.wait() }
    }
}

private actor PinnedActor {
    private let thread: BlockingThread
    private(set) var calls = 0

    init(_ thread: BlockingThread) { self.thread = thread }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    func currentThread() -> UInt {
        thread.checkIsolated()
        assertIsolated()
        return UInt(pthread_self())
    }

    func count() { calls += 1 }
}
