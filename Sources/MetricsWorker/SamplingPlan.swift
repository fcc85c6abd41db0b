import Contracts
import Synchronization

/// What a worker samples now, and how often: one for all of its services.
package final class SamplingPlan: Sendable {
    private let plan: Mutex<MonitoringPlan>

    /// - Parameter configuration: What holds while the fleet says nothing else.
    package init(_ configuration: MetricsWorkerConfiguration) { plan = Mutex(configuration.plan(nil)) }

    var current: MonitoringPlan { plan.withLock { $0 } }

    /// Answers whether it is another one.
    func replace(with new: MonitoringPlan) -> Bool {
        plan.withLock { plan in
            defer { plan = new }
            return plan != new
        }
    }
}
