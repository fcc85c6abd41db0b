import Glibc

/// One thread that answers questions, in order, and may get stuck in any of them: in a file system whose server is gone,
/// or a driver whose device is.
///
/// @unchecked Sendable: every `var` is read and written with `mutex` held.
final class AnsweringThread<Question: Sendable, Answer: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// Signalled when there is something to ask, when everything is answered, and at the end.
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let reply: @Sendable (Question) -> Answer
    private var questions: [Question] = []
    private var answers: [Answer] = []
    private var isEnding = false
    private var isRunning = false

    /// Starts the thread; nil when the system has no more.
    static func start(_ reply: @escaping @Sendable (Question) -> Answer) -> AnsweringThread? {
        let thread = AnsweringThread(reply)
        return thread.spawn() ? thread : nil
    }

    private init(_ reply: @escaping @Sendable (Question) -> Answer) {
        self.reply = reply
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

    /// Whether it has answered everything that it was asked.
    var isIdle: Bool { locked { answers.count == questions.count } }

    /// Asks each question and waits for the answers at most that many nanoseconds.
    ///
    /// Fewer answers than questions means that the thread is stuck in the question after the last answer: it must then
    /// be told to `end()`, which it does once that one is answered, or not be asked before it `isIdle`.
    func ask(_ questions: [Question], patience nanoseconds: Int) -> [Answer] {
        locked {
            self.questions = questions
            answers.removeAll(keepingCapacity: true)
            pthread_cond_broadcast(changed)
            var deadline = timespec()
            clock_gettime(CLOCK_MONOTONIC, &deadline)
            let sum = deadline.tv_nsec + nanoseconds
            deadline.tv_sec += sum / 1_000_000_000
            deadline.tv_nsec = sum % 1_000_000_000
            while answers.count < self.questions.count {
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
        let box = Unmanaged.passRetained(ThreadStart(run))
        var identifier = pthread_t()
        let code = pthread_create(
            &identifier, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        if code == 0 { return true }
        box.release()
        return false
    }

    private func run() {
        pthread_mutex_lock(mutex)
        while !isEnding {
            guard answers.count < questions.count else {
                pthread_cond_wait(changed, mutex)
                continue
            }
            let question = questions[answers.count]
            pthread_mutex_unlock(mutex)
            let answer = reply(question)
            pthread_mutex_lock(mutex)
            answers.append(answer)
            if answers.count == questions.count { pthread_cond_broadcast(changed) }
        }
        isRunning = false
        pthread_mutex_unlock(mutex)
    }
}

/// What a thread runs: a C function cannot be made of a generic class.
private final class ThreadStart {
    let run: () -> Void

    init(_ run: @escaping () -> Void) { self.run = run }
}
