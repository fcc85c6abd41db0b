import BusClients
import Contracts
import HostProbe
import Runtime

/// Takes a sample of the host when somebody asks for one, and appends it to `host_metrics`.
///
/// With a sampler of its own, so that the rates of the regular samples stay over their interval: those of this one are
/// over `span`.
actor SampleOnRequest {
    /// Between its two readings: a clock tick of 10 ms is 5 % of it.
    static let span: Duration = .milliseconds(200)

    private let configuration: MetricsWorkerConfiguration
    private let plan: SamplingPlan
    private let log: any MessageLog
    private let time: any TimeSource
    private let makeReader: @Sendable () -> HostReader
    private lazy var reader = makeReader()

    init(
        _ configuration: MetricsWorkerConfiguration, plan: SamplingPlan, probe: @escaping @Sendable () -> HostSampler,
        log: any MessageLog, time: any TimeSource, logger: Logger
    ) {
        self.configuration = configuration
        self.plan = plan
        self.log = log
        self.time = time
        makeReader = { HostReader(probe, sourceFile: configuration.sourceFile, logger: logger) }
    }

    /// The timestamp of the sample, which is durable then.
    /// - Throws: `BusError`; `CancellationError`.
    func take() async throws -> Timestamp {
        let plan = plan.current
        let parts = HostParts(plan.intervals.keys.map(\.part))
        _ = await reader.sample(parts, of: parts)
        try await time.sleep(for: Self.span)
        let result = await reader.sample(parts, of: parts)
        var sample = HostSample(
            host: configuration.host, timestamp: time.now, interval: plan.interval, reading: result.reading,
            rates: result.rates)
        result.overrides.apply(to: &sample)
        try await append(LogRecord(key: configuration.host, value: sample.json))
        return sample.timestamp
    }

    private func append(_ record: LogRecord) async throws {
        let topic = Topic(StreamNames.hostMetrics)
        do throws(BusError) {
            _ = try await log.append([record], to: topic)
        } catch {
            guard error.code == .unknownTopic else { throw error }
            try await log.createTopic(topic, configuration.topicOptions)
            _ = try await log.append([record], to: topic)
        }
    }
}
