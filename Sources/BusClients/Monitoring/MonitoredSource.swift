/// A source whose batches a monitor watches.
final class MonitoredSource<Item: Sendable>: BatchSource {
    private let base: any BatchSource<Item>
    private let activity: ConsumerActivity
    private let monitor: BusMonitor
    private let watch: @Sendable ([Item], ConsumerActivity) -> [Item]
    /// Whether asking for the next batch means that the last one is done.
    private let isCursor: Bool

    init(
        _ base: any BatchSource<Item>, activity: ConsumerActivity, monitor: BusMonitor, isCursor: Bool,
        watch: @escaping @Sendable ([Item], ConsumerActivity) -> [Item]
    ) {
        self.base = base
        self.activity = activity
        self.monitor = monitor
        self.isCursor = isCursor
        self.watch = watch
        monitor.add(activity)
    }

    deinit { monitor.remove(activity) }

    func next() async throws(BusError) -> [Item]? {
        if isCursor { activity.handledAll() }
        guard let items = try await base.next() else {
            monitor.remove(activity)
            return nil
        }
        return watch(items, activity)
    }
}
