package import BusClients
import Contracts
package import HostProbe
package import Runtime
import Synchronization

/// Samples the host once an interval and appends each sample to `host_metrics`, under the host's name.
///
/// Samples are due at start + n × interval of the boot clock, so there is no drift and a step of the wall clock moves
/// timestamps only; rates are over CLOCK_MONOTONIC. After a suspension sampling goes on at the next deadline. What the
/// fleet's setting `monitoring` says holds from the moment it is read, without a restart.
package final class MetricsSamplingService: Service {
    package let name = "metrics-sampler"

    private let configuration: MetricsWorkerConfiguration
    private let time: any TimeSource
    private let metrics: SamplingMetrics
    private let logger: Logger
    private let reader: HostReader
    private let sender: SampleSender
    private let alerts: AlertReporter
    private let follower: MonitoringFollower
    private let plan: SamplingPlan
    /// One change is kept for a sampler that is taking a sample.
    private let planChanges: AsyncStream<Void>
    private let planChanged: AsyncStream<Void>.Continuation
    /// What the last sample could not read, to log changes only.
    private let problems = Mutex<Set<ProbeError>>([])

    /// - Parameters:
    ///   - plan: What is kept up to date here, for the worker's other services.
    ///   - probe: makes the sampler, on the thread that it then belongs to.
    package init(
        configuration: MetricsWorkerConfiguration, plan: SamplingPlan? = nil, bus: Bus,
        probe: @escaping @Sendable () -> HostSampler = { HostSampler() }, time: any TimeSource,
        metrics registry: MetricsRegistry, logger: Logger
    ) {
        let logger = logger.component("metrics")
        let metrics = SamplingMetrics(registry)
        self.configuration = configuration
        self.time = time
        self.metrics = metrics
        self.logger = logger
        reader = HostReader(probe, sourceFile: configuration.sourceFile, logger: logger)
        sender = SampleSender(bus.log, configuration: configuration, time: time, metrics: metrics, logger: logger)
        let plan = plan ?? SamplingPlan(configuration)
        self.plan = plan
        (planChanges, planChanged) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        follower = MonitoringFollower(log: bus.log, time: time, logger: logger)
        alerts = AlertReporter(
            rules: plan.current.rules, path: configuration.alertFile, bus: bus, time: time, metrics: registry,
            logger: logger)
    }

    package func run(_ lifecycle: Lifecycle) async throws {
        logger.info(
            "sampling",
            ["host": "\(configuration.host)", "interval_ms": .init(milliseconds: configuration.interval)])
        lifecycle.started()
        _ = try await lifecycle.untilStop { [self] in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.sampleForEver() }
                group.addTask {
                    await self.follower.run { self.follow($0) }
                    throw CancellationError()
                }
                group.addTask { try await self.sender.run() }
                group.addTask {
                    await self.alerts.run()
                    throw CancellationError()
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    /// Does what the fleet says from now on.
    private func follow(_ settings: MonitoringSettings?) {
        let new = configuration.plan(settings)
        let isChanged = plan.replace(with: new)
        alerts.use(new)
        guard isChanged else { return }
        logger.notice(
            "monitoring_changed",
            [
                "interval_ms": .init(milliseconds: new.interval), "metrics": .init(new.intervals.count),
                "rules": .init(new.rules.count), "webhooks": .init(new.webhooks.count),
            ])
        planChanged.yield()
    }

    /// Samples by one plan after the other.
    private func sampleForEver() async throws {
        let progress = SamplingProgress()
        while true {
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await self.sample(by: self.plan.current, progress) }
                group.addTask { for await _ in self.planChanges { return } }
                try await group.next()
            }
            try Task.checkCancellation()
        }
    }

    /// Samples until the task is cancelled; a sample that is being taken is finished.
    private func sample(by plan: MonitoringPlan, _ progress: SamplingProgress) async throws {
        var parts = PartSchedule(plan, after: progress.parts)
        var schedule = SamplingSchedule(after: progress.lastSample, interval: plan.interval, now: time.uptime)
        while true {
            try await time.sleep(until: schedule.deadline)
            try Task.checkCancellation()
            let due = parts.take(at: time.uptime)
            progress.took(parts, at: schedule.deadline)
            await takeSample(due, of: parts.watched, interval: plan.interval)
            let missed = schedule.advance(now: time.uptime)
            if missed > 0 {
                metrics.missed.increment(by: Double(missed))
                logger.notice("samples_missed", ["count": .init(missed)])
            }
        }
    }

    private func takeSample(_ parts: HostParts, of watched: HostParts, interval: Duration) async {
        let result = await reader.sample(parts, of: watched)
        var sample = HostSample(
            host: configuration.host, timestamp: time.now, interval: interval,
            reading: result.reading, rates: result.rates)
        sample.sampler = SamplerSample(result, missed: Int(metrics.missed.value))
        if !watched.contains(.gpus) {
            sample.gpuReason = "GPUs are not sampled: the fleet's enabled_metrics leaves them out"
        }
        result.overrides.apply(to: &sample)
        sender.add(LogRecord(key: configuration.host, value: sample.json))
        alerts.observe(sample)
        metrics.samples.increment()
        metrics.duration.observe(result.duration)
        metrics.processorTime.increment(by: result.processorTime / .seconds(1))
        report(result.reading.problems)
    }

    /// Logs each problem when it begins and when it ends.
    private func report(_ current: [ProbeError]) {
        metrics.problems.set(Double(current.count))
        let current = Set(current)
        let previous = problems.withLock { known in
            defer { known = current }
            return known
        }
        guard current != previous else { return }
        for problem in current.subtracting(previous) {
            let fields: LogFields = ["source": "\(problem.source)", "reason": "\(problem.code.rawValue)"]
            // A kernel without pressure information, say, is no fault.
            if problem.code == .missing {
                logger.info("source_missing", fields)
            } else {
                logger.warning("source_unreadable", fields)
            }
        }
        for problem in previous.subtracting(current) {
            logger.info("source_recovered", ["source": "\(problem.source)"])
        }
    }
}

/// How far sampling has come, for the next plan.
private final class SamplingProgress: Sendable {
    private let state = Mutex<(parts: PartSchedule?, lastSample: Duration?)>((nil, nil))

    var parts: PartSchedule? { state.withLock { $0.parts } }
    /// When the last sample was due.
    var lastSample: Duration? { state.withLock { $0.lastSample } }

    func took(_ parts: PartSchedule, at deadline: Duration) { state.withLock { $0 = (parts, deadline) } }
}
