import Runtime

/// What the reports of device connectors say together of one command, in whatever order and however often they come.
///
/// There is at most one step of each kind, the earliest: connectors that repeat a delivery after a crash, and devices
/// that answer twice, change nothing.
package struct DeviceHistory: Sendable, Hashable {
    private enum Kind: Hashable {
        case handedOver, notHandedOver, timedOut, answered

        init(_ state: CommandState) {
            switch state {
            case .accepted, .published: self = .handedOver
            case .failed, .expired, .cancelled: self = .notHandedOver
            case .timedOut: self = .timedOut
            case .acknowledged, .rejected: self = .answered
            }
        }
    }

    /// Everything that was taken in, by time.
    private var all: [CommandTransition] = []

    package init() {}

    /// Reads what `json` wrote.
    /// - Throws: `JSONError` or `MessageError`.
    package init(json: String) throws {
        for step in try JSONDocument(parsing: json).root.elements { add(try CommandTransition(step)) }
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.array { writer in for step in all { step.write(to: &writer) } }
        return writer.bytes
    }

    /// Takes a report's step in; false when it says nothing new.
    @discardableResult
    package mutating func add(_ step: CommandTransition) -> Bool {
        if let known = all.firstIndex(where: { Kind($0.state) == Kind(step.state) }) {
            guard Self.isBefore(step, all[known]) else { return false }
            all.remove(at: known)
        }
        all.append(step)
        all.sort(by: Self.isBefore)
        return true
    }

    /// The steps that hold, by time: no failure of a command that was handed over or answered after all, and no timeout
    /// of one that had been answered by then.
    package var steps: [CommandTransition] {
        let kinds = Set(all.map { Kind($0.state) })
        let answered = all.first { Kind($0.state) == .answered }
        return all.filter { step in
            switch Kind(step.state) {
            case .handedOver, .answered: true
            case .notHandedOver: kinds.isDisjoint(with: [.handedOver, .answered])
            case .timedOut: answered.map { step.at < $0.at } ?? true
            }
        }
    }

    /// The state that counts: the last step of the highest rank; nil without any.
    package var state: CommandState? {
        var best: CommandTransition?
        for step in steps where step.rank >= best?.rank ?? 0 { best = step }
        return best?.state
    }

    private static func isBefore(_ one: CommandTransition, _ other: CommandTransition) -> Bool {
        (one.at, one.rank, one.state.rawValue) < (other.at, other.rank, other.state.rawValue)
    }
}
