internal import Contracts
internal import Runtime

/// The metrics of the session engine.
struct SessionCounters: Sendable {
    /// Seconds: a preview takes milliseconds, a change of a full disk may take an hour.
    private static let buckets: [Double] = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600]

    let rejected: Counter
    private let sessions: Counter
    private let running: Gauge
    private let steps: Counter
    private let seconds: Histogram
    private let durations: Histogram
    private let freedMemory: Gauge
    private let analyzedStorage: Gauge
    private let types: Set<String>

    /// - Parameter types: Those that this worker offers; a request may name any other, which count as `other`.
    init(_ metrics: MetricsRegistry, types: some Sequence<String>) {
        self.types = Set(types)
        sessions = metrics.counter(
            "flotilla_optimization_sessions_total", help: "Sessions that ended.", labels: ["type", "status"])
        running = metrics.gauge(
            "flotilla_optimization_sessions_running", help: "Sessions that this worker is at work on.", labels: ["type"]
        )
        steps = metrics.counter(
            "flotilla_optimization_steps_total", help: "Steps that ended.", labels: ["type", "outcome"])
        seconds = metrics.histogram(
            "flotilla_optimization_session_seconds", help: "From the start of a session to its end.", labels: ["type"],
            buckets: Self.buckets)
        rejected = metrics.counter(
            "flotilla_optimization_requests_rejected_total", help: "Requests that could not be read.")
        durations = metrics.histogram(
            "hardware_optimizer_duration_seconds", help: "Optimization duration, previews included.",
            labels: ["operation"], buckets: Self.buckets)
        freedMemory = metrics.gauge(
            "hardware_optimizer_memory_freed_bytes",
            help: "Memory that the last memory optimization freed: the growth of MemAvailable.")
        analyzedStorage = metrics.gauge(
            "hardware_optimizer_storage_analyzed_bytes",
            help: "Disk space of the files that the last storage analysis looked at.")
        for type in self.types { running.set(0, [type]) }
    }

    /// A session is taken up, for the first time or again.
    func began(_ type: String) { running.add(1, [label(type)]) }

    /// It ended or was interrupted.
    func left(_ type: String) { running.add(-1, [label(type)]) }

    /// A session has a plan.
    func planned(_ optimization: any Optimization, _ steps: [PlannedStep]) {
        if let bytes = optimization.analyzedStorage(steps: steps) { analyzedStorage.set(bytes) }
    }

    func stepEnded(_ type: String, _ outcome: StepOutcome.Ending) { steps.increment([label(type), outcome.rawValue]) }

    /// A session ended.
    /// - Parameter seconds: From its start.
    func ended(_ type: String, _ status: OptimizationResult.Status, seconds duration: Double) {
        let type = label(type)
        sessions.increment([type, status.rawValue])
        seconds.observe(duration, [type])
        durations.observe(duration, [type])
    }

    /// A real run was measured.
    func measured(_ optimization: any Optimization, _ impact: Facts) {
        if let bytes = optimization.freedMemory(impact: impact) { freedMemory.set(bytes) }
    }

    private func label(_ type: String) -> String { types.contains(type) ? type : "other" }
}
