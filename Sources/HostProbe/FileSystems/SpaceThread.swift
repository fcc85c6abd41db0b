import Glibc

/// One thread that asks file systems for their space, in order, and may get stuck in any of them.
///
/// @unchecked Sendable: every `var` is read and written with `mutex` held.
final class SpaceThread: @unchecked Sendable {
    /// What one question came to.
    typealias Answer = Result<FileSystemSpace, ProbeError>
    typealias Question = @Sendable (String) throws(ProbeError) -> FileSystemSpace

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// Signalled when there is something to ask, when everything is answered, and at the end.
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let question: Question
    private var paths: [String] = []
    private var answers: [Answer] = []
    private var isEnding = false
    private var isRunning = false

    /// Starts the thread; nil when the system has no more.
    static func start(_ question: @escaping Question) -> SpaceThread? {
        let thread = SpaceThread(question)
        return thread.spawn() ? thread : nil
    }

    private init(_ question: @escaping Question) {
        self.question = question
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Whether the thread is still there: after `end()`, whether it is stuck.
    var isAlive: Bool { locked { isRunning } }

    /// Asks about each path and waits for the answers at most that many nanoseconds.
    ///
    /// Fewer answers than paths means that the thread is stuck in the path after the last answer; it must then be
    /// told to `end()`, which it does once that call returns.
    func ask(_ paths: [String], patience nanoseconds: Int) -> [Answer] {
        locked {
            self.paths = paths
            answers.removeAll(keepingCapacity: true)
            pthread_cond_broadcast(changed)
            var deadline = timespec()
            clock_gettime(CLOCK_MONOTONIC, &deadline)
            let sum = deadline.tv_nsec + nanoseconds
            deadline.tv_sec += sum / 1_000_000_000
            deadline.tv_nsec = sum % 1_000_000_000
            while answers.count < self.paths.count {
                if pthread_cond_timedwait(changed, mutex, &deadline) == ETIMEDOUT { break }
            }
            return answers
        }
    }

    /// Lets the thread end as soon as it can; does not wait.
    func end() {
        locked {
            isEnding = true
            pthread_cond_broadcast(changed)
        }
    }

    private func locked<T>(_ body: () -> T) -> T {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// The thread takes no signals: they belong to the threads that expect them.
    private func spawn() -> Bool {
        isRunning = true
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 256 << 10)
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        let box = Unmanaged.passRetained(self)
        var identifier = pthread_t()
        let code = pthread_create(
            &identifier, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<SpaceThread>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        if code == 0 { return true }
        box.release()
        return false
    }

    private func run() {
        pthread_mutex_lock(mutex)
        while !isEnding {
            guard answers.count < paths.count else {
                pthread_cond_wait(changed, mutex)
                continue
            }
            let path = paths[answers.count]
            pthread_mutex_unlock(mutex)
            let answer = Answer { () throws(ProbeError) in try question(path) }
            pthread_mutex_lock(mutex)
            answers.append(answer)
            if answers.count == paths.count { pthread_cond_broadcast(changed) }
        }
        isRunning = false
        pthread_mutex_unlock(mutex)
    }
}
