import Contracts

import Runtime

/// Where one rule stands for one value: inactive → pending → firing → inactive. Times are of the boot clock, so that a
/// step of the wall clock changes nothing.
struct AlertTracker: Sendable, Hashable {
    enum Phase: Sendable, Hashable {
        case inactive
        case pending(since: Duration)
        case firing(Firing)
    }

    struct Firing: Sendable, Hashable {
        /// Index of the rule's level.
        var level: Int
        var leftSince: Duration?
        var unknownSince: Duration?
        /// Whether it was said that the value is not known.
        var hasNoData = false
        var toldAt: Duration
    }

    enum Transition: Sendable, Hashable {
        case raised(level: Int)
        /// Another level, data again, or nothing new for a day.
        case updated(level: Int)
        case lostData(level: Int)
        case resolved(level: Int)
    }

    /// How long a value may be unknown before it is said.
    static let noDataAfter: Duration = .seconds(30)
    /// How long it may be unknown before the alert ends: what it was about is gone.
    static let goneAfter: Duration = .seconds(3600)
    /// How often an alert that stays as it is is told again, for readers whose history is shorter.
    static let repeatAfter: Duration = .seconds(86_400)

    private(set) var phase: Phase

    init(_ phase: Phase = .inactive) { self.phase = phase }

    var isInactive: Bool { phase == .inactive }

    /// Goes on at a level of a rule that has changed, where it fires.
    /// - Parameter isNews: Whether the next observation tells it.
    mutating func move(to level: Int, isNews: Bool, at now: Duration) {
        guard case .firing(var firing) = phase else { return }
        firing.level = level
        firing.leftSince = nil
        if isNews { firing.toldAt = now - Self.repeatAfter }
        phase = .firing(firing)
    }

    /// Takes a value, nil for an unknown one; answers what has changed.
    mutating func observe(_ value: Double?, at now: Duration, _ rule: AlertRule) -> Transition? {
        switch phase {
        case .inactive:
            guard let value, Self.reached(value, rule) != nil else { return nil }
            phase = .pending(since: now)
            return observe(value, at: now, rule)
        case .pending(let since):
            guard let value, let level = Self.reached(value, rule) else {
                phase = .inactive
                return nil
            }
            guard now - since >= rule.hold else { return nil }
            phase = .firing(Firing(level: level, toldAt: now))
            return .raised(level: level)
        case .firing(var firing):
            let transition = value.map { Self.observe($0, at: now, rule, &firing) } ?? Self.miss(at: now, &firing)
            if transition != nil { firing.toldAt = now }
            if case .resolved = transition { phase = .inactive } else { phase = .firing(firing) }
            return transition
        }
    }

    /// The highest level whose threshold a value has reached.
    private static func reached(_ value: Double, _ rule: AlertRule) -> Int? {
        rule.levels.lastIndex { value >= $0.enter }
    }

    private static func observe(
        _ value: Double, at now: Duration, _ rule: AlertRule, _ firing: inout Firing
    ) -> Transition? {
        firing.unknownSince = nil
        let hadNoData = firing.hasNoData
        firing.hasNoData = false
        if let reached = reached(value, rule), reached > firing.level {
            firing.level = reached
            firing.leftSince = nil
            return .updated(level: reached)
        }
        if value > rule.levels[firing.level].leave {
            firing.leftSince = nil
        } else {
            let since = firing.leftSince ?? now
            firing.leftSince = since
            if now - since >= rule.keepFiring {
                guard let lower = rule.levels[..<firing.level].lastIndex(where: { value > $0.leave }) else {
                    return .resolved(level: firing.level)
                }
                firing.level = lower
                firing.leftSince = nil
                return .updated(level: lower)
            }
        }
        return hadNoData || now - firing.toldAt >= repeatAfter ? .updated(level: firing.level) : nil
    }

    private static func miss(at now: Duration, _ firing: inout Firing) -> Transition? {
        let since = firing.unknownSince ?? now
        firing.unknownSince = since
        // Nobody knows whether the value has stayed below.
        firing.leftSince = nil
        if now - since >= goneAfter { return .resolved(level: firing.level) }
        guard !firing.hasNoData, now - since >= noDataAfter else { return nil }
        firing.hasNoData = true
        return .lostData(level: firing.level)
    }
}
