internal import CSystem
internal import Glibc
internal import Runtime
internal import Synchronization

/// Wakes the other processes that share the bus: a futex on a counter in a shared memory map (`bus.wake`).
///
/// A process bumps the counter after each commit. Its own waiting thread sees by the count of its own bumps that
/// nobody else wrote. A process that is killed between its commit and its bump wakes nobody: once a second without a
/// wake the owner is asked to look by itself.
final class CrossProcessWake: Sendable {
    /// Protected by: the pointed-to words are only touched with atomic operations; unmapped after the thread ended.
    private struct Map: @unchecked Sendable {
        let counter: UnsafeMutablePointer<UInt32>
    }

    private let map: Map
    private let thread: BlockingThread
    private let ownBumps = Atomic<UInt32>(0)
    private let isStopped = Atomic<Bool>(false)
    private let onForeignWrite: @Sendable () -> Void
    private let onQuiet: @Sendable () -> Void

    /// - Parameters:
    ///   - onForeignWrite: Called on the waiting thread after another process has committed something.
    ///   - onQuiet: Called on it when nothing was heard for a second.
    init(
        path: String, onForeignWrite: @escaping @Sendable () -> Void, onQuiet: @escaping @Sendable () -> Void
    ) throws(BusError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, ftruncate(descriptor, Int(getpagesize())) == 0,
            let memory = mmap(nil, Int(getpagesize()), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            memory != MAP_FAILED
        else {
            let code = errno
            if descriptor >= 0 { Glibc.close(descriptor) }
            throw BusError(
                code == ENOSPC ? .diskFull : .unavailable, "cannot map the wake-up file", underlyingCode: Int(code))
        }
        Glibc.close(descriptor)
        map = Map(counter: memory.bindMemory(to: UInt32.self, capacity: 1))
        thread = BlockingThread(name: "bus-wake")
        self.onForeignWrite = onForeignWrite
        self.onQuiet = onQuiet
        let seen = flotilla_atomic_load(map.counter)
        thread.submit { self.listen(from: seen) }
    }

    /// Tells the other processes that something was committed.
    func bump() {
        ownBumps.wrappingAdd(1, ordering: .relaxed)
        _ = flotilla_atomic_add(map.counter, 1)
        _ = flotilla_futex_wake(map.counter)
    }

    /// Ends the waiting thread and unmaps the counter; no `bump` may follow.
    func stop() {
        guard !isStopped.exchange(true, ordering: .sequentiallyConsistent) else { return }
        bump()
        thread.stop()
        munmap(map.counter, Int(getpagesize()))
    }

    private func listen(from start: UInt32) {
        var seen = start
        while !isStopped.load(ordering: .sequentiallyConsistent) {
            var deadline = timespec()
            clock_gettime(CLOCK_MONOTONIC, &deadline)
            deadline.tv_sec += 1
            _ = flotilla_futex_wait(map.counter, seen, &deadline)
            let now = flotilla_atomic_load(map.counter)
            let own = ownBumps.exchange(0, ordering: .relaxed)
            if now == seen {
                onQuiet()
            } else if now &- seen != own {
                // A bump of ours that is counted but not yet added only makes the next round look foreign.
                onForeignWrite()
            }
            seen = now
        }
    }
}
