import Contracts
import Runtime

/// Looks at each sample with every rule, and tells what has changed.
struct AlertEngine: Sendable {
    private struct Key: Sendable, Hashable {
        let rule: String
        let subject: String?
    }

    private let rules: [AlertRule]
    private let makeID: @Sendable () -> String
    private var trackers: [Key: AlertTracker] = [:]
    /// What fires, as it was told last.
    private var episodes: [Key: AlertChange] = [:]

    /// - Parameters:
    ///   - firing: what fired when the worker ended, which goes on.
    ///   - now: of the boot clock.
    init(
        rules: [AlertRule], firing: [AlertChange], now: Duration, makeID: @escaping @Sendable () -> String
    ) {
        self.rules = rules
        self.makeID = makeID
        for change in firing {
            guard let rule = rules.first(where: { $0.name == change.rule }),
                let level = rule.levels.lastIndex(where: { $0.severity == change.severity })
            else { continue }
            let key = Key(rule: change.rule, subject: change.subject)
            episodes[key] = change
            trackers[key] = AlertTracker(
                .firing(.init(level: level, hasNoData: change.state == .noData, toldAt: now)))
        }
    }

    /// What fires, as it was told last: enough to go on after a restart.
    var firing: [AlertChange] { episodes.values.sorted { $0.alertID < $1.alertID } }

    /// - Parameter now: of the boot clock.
    mutating func observe(_ sample: HostSample, at now: Duration) -> [AlertChange] {
        rules.flatMap { rule in
            let readings = rule.metric.readings(sample)
            let known = Set(readings.map(\.subject))
            let gone = trackers.keys.filter { $0.rule == rule.name && !known.contains($0.subject) }
                .map { (subject: $0.subject, value: Double?.none) }
            return (readings + gone).compactMap { observe($0.value, of: $0.subject, rule, sample, now) }
        }
    }

    private mutating func observe(
        _ value: Double?, of subject: String?, _ rule: AlertRule, _ sample: HostSample, _ now: Duration
    ) -> AlertChange? {
        let key = Key(rule: rule.name, subject: subject)
        var tracker = trackers[key] ?? AlertTracker()
        let transition = tracker.observe(value, at: now, rule)
        trackers[key] = tracker.isInactive ? nil : tracker
        guard let transition else { return nil }
        let change = change(transition, value, key, rule, sample)
        episodes[key] = change.state == .resolved ? nil : change
        return change
    }

    private func change(
        _ transition: AlertTracker.Transition, _ value: Double?, _ key: Key, _ rule: AlertRule, _ sample: HostSample
    ) -> AlertChange {
        let last = episodes[key]
        let (kind, state, index): (AlertChange.Change, AlertChange.State, Int) =
            switch transition {
            case .raised(let level): (.raised, .firing, level)
            case .updated(let level): (.updated, .firing, level)
            case .lostData(let level): (.updated, .noData, level)
            case .resolved(let level): (.resolved, .resolved, level)
            }
        let level = rule.levels[index]
        return AlertChange(
            change: kind, alertID: last?.alertID ?? makeID(), revision: (last?.revision ?? 0) + 1, host: sample.host,
            rule: rule.name, metric: rule.metric.rawValue, subject: key.subject, severity: level.severity,
            title: rule.title, message: Self.message(state, value, key.subject, rule, level), state: state,
            value: value ?? last?.value, threshold: level.enter, raisedAt: last?.raisedAt ?? sample.timestamp,
            at: sample.timestamp)
    }

    private static func message(
        _ state: AlertChange.State, _ value: Double?, _ subject: String?, _ rule: AlertRule, _ level: AlertRule.Level
    ) -> String {
        let what = rule.metric.rawValue + (subject.map { " of \($0)" } ?? "")
        guard let value else {
            return state == .resolved
                ? "\(what) has not been known for long: what it was of is gone" : "\(what) is not known any more"
        }
        let tenths = (value * 10).rounded() / 10
        return state == .resolved
            ? "\(what) is \(tenths), below \(level.leave)" : "\(what) is \(tenths), at or above \(level.enter)"
    }
}
