import Contracts
import Runtime

/// Looks at each sample with every rule, and tells what has changed.
struct AlertEngine: Sendable {
    private struct Key: Sendable, Hashable {
        let rule: String
        let subject: String?
    }

    private var rules: [AlertRule]
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
            let key = Key(rule: change.rule, subject: change.subject)
            // Also where the rule is unknown so far: it may yet come with the fleet's settings.
            episodes[key] = change
            if let rule = rules.first(where: { $0.name == change.rule && $0.metric.rawValue == change.metric }) {
                trackers[key] = Self.tracker(of: change, rule, now)
            }
        }
    }

    private static func tracker(of change: AlertChange, _ rule: AlertRule, _ now: Duration) -> AlertTracker {
        var tracker = AlertTracker(
            .firing(.init(level: 0, hasNoData: change.state == .noData, toldAt: now)))
        let level = rule.level(of: change.severity)
        tracker.move(to: level, isNews: rule.levels[level].enter != change.threshold, at: now)
        return tracker
    }

    /// What fires, as it was told last: enough to go on after a restart.
    var firing: [AlertChange] { episodes.values.sorted { $0.alertID < $1.alertID } }

    /// Looks with other rules from now on.
    ///
    /// An alert whose rule is as it was goes on. One whose rule has other thresholds goes on at the level of its severity,
    /// and is judged by them from the next sample on. One whose rule is gone, or is about another metric, is over.
    /// - Parameter now: of the boot clock.
    mutating func use(_ new: [AlertRule], at now: Duration, _ timestamp: Timestamp) -> [AlertChange] {
        let old = rules
        rules = new
        var changes: [AlertChange] = []
        for key in Set(trackers.keys).union(episodes.keys) {
            let before = old.first { $0.name == key.rule }
            let rule = new.first { $0.name == key.rule }
            let episode = episodes[key]
            let metric = episode?.metric ?? before?.metric.rawValue
            guard let rule, rule.metric.rawValue == metric else {
                trackers[key] = nil
                if let episode { changes.append(end(episode, key, timestamp)) }
                continue
            }
            // What has not fired yet is judged by the new rule as it is.
            if let episode, trackers[key] == nil || rule != before {
                trackers[key] = Self.tracker(of: episode, rule, now)
            }
        }
        return changes.sorted { $0.alertID < $1.alertID }
    }

    /// Ends an alert that no rule is about any more.
    private mutating func end(_ episode: AlertChange, _ key: Key, _ timestamp: Timestamp) -> AlertChange {
        var change = episode
        change.change = .resolved
        change.state = .resolved
        change.revision += 1
        change.message = "The rule \(episode.rule) is not in effect any more"
        change.at = timestamp
        episodes[key] = nil
        return change
    }

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
        if state == .resolved { return "\(what) is \(tenths), below \(level.leave)" }
        if value >= level.enter { return "\(what) is \(tenths), at or above \(level.enter)" }
        return value > level.leave
            ? "\(what) is \(tenths), still above \(level.leave)"
            : "\(what) is \(tenths), below \(level.leave) not for long enough"
    }
}
