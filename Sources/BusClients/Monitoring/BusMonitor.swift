package import Runtime
internal import Synchronization

/// Watches the ports of one bus: what is written, what is in hand, what waits, and whether it moves.
///
/// Safe to use from any task. `sample` asks the broker what waits; everything else is known at once.
package final class BusMonitor: Sendable {
    /// How often `BusMonitorService` samples.
    package static let sampleInterval: Duration = .seconds(5)
    /// A broker that does not answer holds up a sample for so long at most.
    private static let sampleDeadline: Duration = .seconds(4)

    private struct ProducerKey: Hashable {
        let port: PortHealth.Port
        let target: String
    }

    let time: any TimeSource
    private let queues: any WorkQueue
    private let events: any EventExchange
    private let log: any MessageLog
    private let metrics: BusHealthMetrics?
    private let consumers = Mutex<[ObjectIdentifier: ConsumerActivity]>([:])
    private let producers = Mutex<[ProducerKey: ProducerActivity]>([:])

    init(_ bus: Bus, time: any TimeSource, metrics: MetricsRegistry?) {
        self.time = time
        queues = bus.queues
        events = bus.events
        log = bus.log
        self.metrics = metrics.map { BusHealthMetrics($0) }
    }

    /// How the bus does now.
    package var health: BusHealth {
        let consumers = consumers.withLock { Array($0.values) }
        let producers = producers.withLock { Array($0.values) }
        return BusHealth(
            ports: PortHealth.Port.allCases.map { port in
                PortHealth(
                    port: port, connection: connection(of: port),
                    consumers: consumers.filter { $0.source.port == port }.map(\.health).sorted {
                        $0.source < $1.source
                    },
                    producers: producers.filter { $0.port == port }.map(\.health).sorted { $0.target < $1.target })
            })
    }

    /// Measures what waits for each consumer, and updates the metrics. What the broker does not answer is unknown.
    package func sample() async {
        await withTaskGroup(of: Void.self) { group in
            for activity in consumers.withLock({ Array($0.values) }) {
                group.addTask { [self] in await sample(activity) }
            }
        }
        metrics?.update(health)
    }

    func activity(_ source: ConsumerActivity.Source, from positions: [Int: Int64] = [:]) -> ConsumerActivity {
        ConsumerActivity(source, from: positions, time: time)
    }

    func add(_ activity: ConsumerActivity) { consumers.withLock { $0[ObjectIdentifier(activity)] = activity } }

    func remove(_ activity: ConsumerActivity) {
        _ = consumers.withLock { $0.removeValue(forKey: ObjectIdentifier(activity)) }
    }

    /// The activity of one target; targets are those of the fleet's topology, so they are few.
    func producer(_ port: PortHealth.Port, _ target: String) -> ProducerActivity {
        producers.withLock { producers in
            let key = ProducerKey(port: port, target: target)
            if let known = producers[key] { return known }
            let activity = ProducerActivity(port: port, target: target, time: time)
            producers[key] = activity
            return activity
        }
    }

    private func connection(of port: PortHealth.Port) -> ConnectionHealth {
        switch port {
        case .workQueue: queues.connection
        case .eventExchange: events.connection
        case .messageLog: log.connection
        }
    }

    private func sample(_ activity: ConsumerActivity) async {
        guard connection(of: activity.source.port).state == .connected else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await measure(activity) }
            group.addTask { [time] in
                do { try await time.sleep(for: Self.sampleDeadline) } catch { return }  // Measured in time.
                activity.sampled(lag: nil)
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func measure(_ activity: ConsumerActivity) async {
        do throws(BusError) {
            switch activity.source {
            case .queue(let queue):
                let status = try await queues.status(of: queue)
                activity.sampled(lag: Int64(status.ready), mark: status.ready &* 31 &+ status.inFlight)
            case .exchange(let exchange, let takesAll):
                guard takesAll, let next = activity.positions[0] else { return }
                activity.sampled(lag: max(0, try await events.history(of: exchange).upperBound - next))
            case .topic(let topic, _):
                let ends = try await log.offsets(of: topic)
                let lags = activity.positions.map { partition, next in
                    ends.indices.contains(partition)
                        ? ends[partition].upperBound - max(next, ends[partition].lowerBound) : 0
                }
                activity.sampled(lag: lags.reduce(0) { $0 + max(0, $1) })
            }
        } catch {
            activity.sampled(lag: nil)
        }
    }
}

extension Bus {
    /// The same bus, watched, so that `health` tells how it does.
    public func monitored() -> Bus { monitored(time: SystemTime(), metrics: nil) }

    /// How the bus does, after asking what waits for its consumers; nil for a bus that is not `monitored`.
    public func health() async -> BusHealth? {
        guard let monitor else { return nil }
        await monitor.sample()
        return monitor.health
    }

    /// The same bus, watched by a monitor.
    /// - Parameter metrics: Where `flotilla_bus_…` figures go; nil for none.
    package func monitored(time: any TimeSource, metrics: MetricsRegistry?) -> Bus {
        let monitor = BusMonitor(self, time: time, metrics: metrics)
        return Bus(
            queues: MonitoredWorkQueue(queues, monitor: monitor),
            events: MonitoredEventExchange(events, monitor: monitor), log: MonitoredMessageLog(log, monitor: monitor),
            monitor: monitor, close: { await close() })
    }
}
