internal import Runtime

/// Asks the cluster for a sign of life when nothing else gave one, and looks after added partitions now and then.
struct Heartbeat: Sendable {
    /// How old a sign of life may be.
    private static let interval: Duration = .seconds(2)
    /// How long a broker may take to answer before the cluster counts as away.
    private static let patience: Duration = .seconds(3)

    let core: KafkaCore
    let lookup: ClusterLookup
    let directory: TopicDirectory

    /// Until the task is cancelled.
    func run() async {
        var nextRefresh = core.time.uptime + TopicDirectory.refreshInterval
        while !Task.isCancelled {
            do { try await core.time.sleep(for: Self.interval) } catch { return }
            await probe()
            guard core.time.uptime >= nextRefresh else { continue }
            nextRefresh = core.time.uptime + TopicDirectory.refreshInterval
            do {
                try await directory.refresh()
            } catch {
                core.logger.debug("topics_not_refreshed", ["error": "\(error)"])
            }
        }
    }

    private func probe() async {
        let isAlive =
            core.watch.health.state == .connected && core.watch.hasSucceeded(since: core.time.uptime - Self.interval)
        guard !isAlive else { return }
        do {
            try await lookup.probe(within: Self.patience)
        } catch {
            core.watch.isAway(error)
        }
    }
}
