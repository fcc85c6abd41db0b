package import BusClients
import Contracts
package import HostProbe
package import Runtime
import Synchronization

/// Samples the host once an interval and appends each sample to `host_metrics`, under the host's name.
///
/// Samples are due at start + n × interval of the boot clock, so there is no drift and a step of the wall clock moves
/// timestamps only; rates are over CLOCK_MONOTONIC. After a suspension sampling goes on at the next deadline.
package final class MetricsSamplingService: Service {
    package let name = "metrics-sampler"

    private let configuration: MetricsWorkerConfiguration
    private let time: any TimeSource
    private let metrics: SamplingMetrics
    private let logger: Logger
    private let reader: HostReader
    private let sender: SampleSender
    private let alerts: AlertReporter
    /// What the last sample could not read, to log changes only.
    private let problems = Mutex<Set<ProbeError>>([])

    /// - Parameter probe: makes the sampler, on the thread that it then belongs to.
    package init(
        configuration: MetricsWorkerConfiguration, bus: Bus,
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
        alerts = AlertReporter(
            rules: configuration.alertRules, path: configuration.alertFile, events: bus.events, time: time,
            metrics: registry, logger: logger)
    }

    package func run(_ lifecycle: Lifecycle) async throws {
        logger.info(
            "sampling",
            ["host": "\(configuration.host)", "interval_ms": .init(milliseconds: configuration.interval)])
        lifecycle.started()
        _ = try await lifecycle.untilStop { [self] in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.sampleForEver() }
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

    private func sampleForEver() async throws {
        var schedule = SamplingSchedule(start: time.uptime, interval: configuration.interval)
        while true {
            try await time.sleep(until: schedule.deadline)
            try Task.checkCancellation()
            await takeSample()
            let missed = schedule.advance(now: time.uptime)
            if missed > 0 {
                metrics.missed.increment(by: Double(missed))
                logger.notice("samples_missed", ["count": .init(missed)])
            }
        }
    }

    private func takeSample() async {
        let result = await reader.sample()
        var sample = HostSample(
            host: configuration.host, timestamp: time.now, interval: configuration.interval,
            reading: result.reading, rates: result.rates)
        sample.sampler = SamplerSample(result, missed: Int(metrics.missed.value))
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
