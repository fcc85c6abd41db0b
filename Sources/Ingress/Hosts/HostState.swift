internal import Contracts
internal import Runtime

/// What is known of one host now.
struct HostState: Sendable {
    /// The numbers that are averaged over `sample_duration`.
    struct Rates: Sendable {
        let at: Timestamp
        let cpuPercent: Double?
        let diskRead: Double?
        let diskWritten: Double?
    }

    /// `sample_duration` is at most 60 s.
    private static let window: Duration = .seconds(60)
    /// At the fastest allowed interval; older ones are dropped.
    private static let maximumRates = 120

    private(set) var sample: HostSample
    /// The last sample that had every number of `/api/v1/system/stats`.
    private(set) var stats: HostStats?
    /// When the last sample reached the log, by the log's clock.
    private(set) var heardAt: Timestamp
    private var rates: [Rates] = []

    init(sample: HostSample, heardAt: Timestamp) {
        self.sample = sample
        self.heardAt = heardAt
        stats = HostStats(sample)
        rates = [Self.rates(of: sample)]
    }

    /// Takes a newer sample. An older one, as another partition may bring after a change of partitions, is ignored, unless
    /// what is known is from the future: a clock was set back.
    mutating func update(_ sample: HostSample, heardAt: Timestamp, now: Timestamp) {
        if sample.timestamp < self.sample.timestamp {
            guard self.sample.timestamp > now else { return }
            rates = []
        }
        self.sample = sample
        self.heardAt = heardAt
        stats = HostStats(sample) ?? stats
        rates.append(Self.rates(of: sample))
        let oldest = sample.timestamp.advanced(by: .zero - Self.window)
        if rates.count > Self.maximumRates || rates.first.map({ $0.at < oldest }) == true {
            rates = Array(rates.drop { $0.at < oldest }.suffix(Self.maximumRates))
        }
    }

    /// Means over the samples of the last `seconds`; nil where none has the number.
    func means(over seconds: Int) -> (cpuPercent: Double?, diskRead: Double?, diskWritten: Double?) {
        let oldest = sample.timestamp.advanced(by: .zero - .seconds(seconds))
        let recent = rates.filter { $0.at > oldest }
        return (mean(recent, \.cpuPercent), mean(recent, \.diskRead), mean(recent, \.diskWritten))
    }

    /// Whether the host has been silent for 3 intervals, or was heard so far in the future that the clock was set back.
    func isStale(now: Timestamp, interval: Duration) -> Bool { life.isStale(now: now, interval: interval) }

    /// When the host was heard, and how often it wants to be.
    var life: HostLife { HostLife(heardAt: heardAt, interval: sample.interval) }

    private func mean(_ rates: [Rates], _ number: KeyPath<Rates, Double?>) -> Double? {
        let known = rates.compactMap { $0[keyPath: number] }
        return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }

    private static func rates(of sample: HostSample) -> Rates {
        Rates(
            at: sample.timestamp, cpuPercent: sample.cpu.busyPercent,
            diskRead: sample.disks.map(\.readBytesPerSecond).sumOfKnown,
            diskWritten: sample.disks.map(\.writtenBytesPerSecond).sumOfKnown)
    }
}
