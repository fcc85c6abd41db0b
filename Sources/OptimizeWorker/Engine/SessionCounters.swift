internal import Runtime

/// The metrics of the session engine.
struct SessionCounters: Sendable {
    let sessions: Counter
    let steps: Counter
    let seconds: Histogram
    let rejected: Counter

    init(_ metrics: MetricsRegistry) {
        sessions = metrics.counter(
            "flotilla_optimization_sessions_total", help: "Sessions that ended.", labels: ["type", "status"])
        steps = metrics.counter(
            "flotilla_optimization_steps_total", help: "Steps that ended.", labels: ["type", "outcome"])
        seconds = metrics.histogram(
            "flotilla_optimization_session_seconds", help: "From the start of a session to its end.", labels: ["type"])
        rejected = metrics.counter(
            "flotilla_optimization_requests_rejected_total", help: "Requests that could not be read.")
    }

    func ended(_ type: String, _ status: String, seconds duration: Double) {
        sessions.increment([type, status])
        seconds.observe(duration, [type])
    }
}
