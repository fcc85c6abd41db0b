import CSystem
import Glibc
import Synchronization

/// The storage of `BlockingThread`: kept alive by its thread until that ends, so an executor that a job refers to
/// exists while the job runs, whoever drops the facade.
final class BlockingThreadCore: SerialExecutor {
    let name: String
    private let state = Mutex(BlockingThreadState<Work>())
    private let handle = Mutex<NativeThread?>(nil)
    /// The `pthread_t` that performs work now; 0 for none.
    private let current = Atomic<UInt>(0)
    private let word = WaitWord()

    private enum Work: Sendable {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    init(name: String) {
        self.name = name
        // Not `self.handle` inside the lock of the new thread: only `stop` reads it.
        let thread = NativeThread(name: name) { self.performAll() }
        handle.withLock { $0 = thread }
    }

    var isCurrent: Bool { current.load(ordering: .acquiring) == UInt(pthread_self()) }

    func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        perform(state.withLock { $0.add(.closure(work), isBinding: false) })
    }

    func stop(joining: Bool) {
        if state.withLock({ $0.stop() }) { word.change() }
        guard let thread = handle.withLock({ $0.take() }) else { return }
        if joining, !thread.isCurrent { thread.join() } else { thread.detach() }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        _ = perform(state.withLock { $0.add(.job(job), isBinding: true) })
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    func checkIsolated() { precondition(isCurrent, "not on thread \(name)") }

    func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private func perform(_ action: BlockingThreadState<Work>.AddAction) -> Bool {
        switch action {
        case .none: return true
        case .wake:
            word.change()
            return true
        case .startSuccessor:
            NativeThread(name: name) { self.performAll() }.detach()
            return true
        case .refuse: return false
        }
    }

    /// The body of the thread.
    private func performAll() {
        current.store(UInt(pthread_self()), ordering: .releasing)
        let executor = asUnownedSerialExecutor()
        while true {
            let seen = word.value
            switch state.withLock({ $0.take() }) {
            case .perform(let batch):
                for work in batch {
                    switch work {
                    case .job(let job): job.runSynchronously(on: executor)
                    case .closure(let body): body()
                    }
                }
            case .wait: word.wait(whileEqualTo: seen)
            case .end:
                // Its identifier may be given to another thread; a successor may be here already.
                _ = current.compareExchange(
                    expected: UInt(pthread_self()), desired: 0, ordering: .acquiringAndReleasing)
                return
            }
        }
    }
}
