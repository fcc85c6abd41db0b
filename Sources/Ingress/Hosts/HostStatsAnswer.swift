internal import Contracts
internal import Runtime

/// What `/api/v1/system/stats` says of a host that reports, written once for each sample: it is asked far more often.
struct HostStatsAnswer: Sendable {
    /// JSON; nil before the host was measured twice.
    let body: [UInt8]?
    let life: HostLife

    init(_ host: HostState) {
        life = host.life
        body = host.stats.map { stats in
            var writer = JSONWriter(capacity: 320)
            stats.write(to: &writer)
            return writer.bytes
        }
    }
}
