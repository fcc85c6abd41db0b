/// The tasks of a group's services and of the deadline in force.
///
/// Tasks of their own rather than a task group's: one alone must be cancelled when its deadline passes, and one that
/// does not react to that must not hold up the end of the process. Nothing but `ServiceGroup` makes such tasks.
struct RunningServices {
    private let time: any TimeSource
    private let reports: AsyncStream<ServiceGroupState.Event>.Continuation
    private var services: [Int: (lifecycle: Lifecycle, task: Task<Void, Never>)] = [:]
    private var deadline: Task<Void, Never>?

    init(time: any TimeSource, reports: AsyncStream<ServiceGroupState.Event>.Continuation) {
        self.time = time
        self.reports = reports
    }

    mutating func start(_ service: any Service, _ index: Int) {
        let lifecycle = Lifecycle()
        let reports = reports
        let task = Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await lifecycle.waitUntilStarted()
                    if lifecycle.isStarted { reports.yield(.started(index)) }
                }
                do {
                    try await service.run(lifecycle)
                    reports.yield(.ended(index, nil))
                } catch {
                    reports.yield(.ended(index, error))
                }
                group.cancelAll()
            }
        }
        services[index] = (lifecycle, task)
    }

    func askToStop(_ index: Int) { services[index]?.lifecycle.requestStop() }

    func cancel(_ index: Int) {
        // A service that looks at `isStopping` only must learn of it as well.
        services[index]?.lifecycle.requestStop()
        services[index]?.task.cancel()
    }

    mutating func setDeadline(_ number: Int, after duration: Duration) {
        deadline?.cancel()
        let (time, reports, end) = (time, reports, time.uptime + duration)
        deadline = Task {
            do {
                try await time.sleep(until: end)
                reports.yield(.deadline(number))
            } catch {
                // Cancelled: another deadline took its place, or the group has ended.
            }
        }
    }

    func cancelDeadline() { deadline?.cancel() }
}
