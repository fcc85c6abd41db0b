import BusClients
import Contracts
import Runtime

/// Follows the setting `monitoring` in the log `fleet_configuration`, which holds for the worker without a restart.
///
/// A bus that is away, or does not have the log yet, is tried again; until then, and while the setting was never set,
/// the worker's own values hold. A value that cannot be read leaves the last good one in effect, and is logged once.
struct MonitoringFollower: Sendable {
    private static let topic = Topic(StreamNames.fleetConfiguration)

    let log: any MessageLog
    let time: any TimeSource
    let logger: Logger
    private let backoff = RetryPolicy(initial: .milliseconds(500), maximum: .seconds(10))

    init(log: any MessageLog, time: any TimeSource, logger: Logger) {
        self.log = log
        self.time = time
        self.logger = logger
    }

    private struct State {
        var setting = FollowedSetting(name: MonitoringSettings.setting)
        /// By partition, where to go on.
        var offsets: [Int: Int64] = [:]
        /// Whether the log was read to its end once: what came before it is history that is over.
        var isCurrent = false
        var isTold = false
        var last: MonitoringSettings?
    }

    /// Follows until the task is cancelled.
    /// - Parameter changed: Is told the setting when the log was read to its end, and whenever it changes; nil while there
    ///   is none.
    func run(_ changed: @Sendable (MonitoringSettings?) -> Void) async {
        var state = State()
        var failures = 0
        while !Task.isCancelled {
            do throws(BusError) {
                try await follow(&state, changed) { failures = 0 }
            } catch {
                if error.code == .closed { return }
                failures += 1
                if failures == 1 { logger.warning("monitoring_not_followed", ["error": "\(error)"]) }
            }
            // Cancelled: the loop ends by itself.
            try? await time.sleep(for: backoff.delay(attempt: max(failures, 1)) ?? backoff.maximum)
        }
    }

    private func follow(
        _ state: inout State, _ changed: (MonitoringSettings?) -> Void, _ succeeded: () -> Void
    ) async throws(BusError) {
        let ends = try await log.offsets(of: Self.topic).map { $0.isEmpty ? 0 : $0.upperBound }
        var records = try await log.follow(Self.topic, from: state.offsets).makeAsyncIterator()
        succeeded()
        let isAtEnd = { (offsets: [Int: Int64]) in
            ends.enumerated().allSatisfy { $0.element <= offsets[$0.offset] ?? 0 }
        }
        tell(&state, false, isAtEnd(state.offsets), changed)
        while let batch = try await records.next() {
            var isChanged = false
            for record in batch {
                state.offsets[record.position.partition] = record.position.offset + 1
                isChanged = take(record.record, &state) || isChanged
            }
            tell(&state, isChanged, isAtEnd(state.offsets), changed)
        }
    }

    private func take(_ record: LogRecord, _ state: inout State) -> Bool {
        do {
            guard try state.setting.take(key: record.key, body: record.value) else { return false }
            state.last = try state.setting.value.map { try MonitoringSettings(json: $0) }
            return true
        } catch {
            logger.warning("monitoring_setting_unreadable", ["error": "\(error)"])
            return false
        }
    }

    private func tell(
        _ state: inout State, _ isChanged: Bool, _ isAtEnd: Bool, _ changed: (MonitoringSettings?) -> Void
    ) {
        state.isCurrent = state.isCurrent || isAtEnd
        guard state.isCurrent, isChanged || !state.isTold else { return }
        state.isTold = true
        changed(state.last)
    }
}
