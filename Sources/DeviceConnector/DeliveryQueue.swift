import BusClients
import Contracts
import Runtime

/// The commands in hand: each device's in their order, one at a time; of what waits for the broker the highest priority
/// first, then the oldest.
struct DeliveryQueue {
    /// One command in hand.
    struct Entry: Sendable {
        var token: Int
        var command: DeviceCommand
        var message: MQTTMessage
        var position: LogPosition
        var trace: TraceContext?
        /// When it was sent, by uptime; nil while it waits.
        var sentAt: Duration?
        /// Whether the broker may have it, though it has not acknowledged it.
        var mayBeSent = false
        /// Whether the device has answered before the broker acknowledged it.
        var isAnswered = false
    }

    /// Orders what is ready: the last is sent first.
    private struct Turn: Comparable {
        var priority: Int
        var token: Int

        static func < (one: Turn, other: Turn) -> Bool {
            (one.priority, other.token) < (other.priority, one.token)
        }
    }

    private var entries: [Int: Entry] = [:]
    /// The tokens of each device, in order; only the first may be ready or sent.
    private var devices: [String: [Int]] = [:]
    private var ready: [Turn] = []
    private var nextToken = 1
    private(set) var inFlight = 0
    private(set) var bytes = 0

    var count: Int { entries.count }

    mutating func add(_ command: DeviceCommand, _ message: MQTTMessage, at position: LogPosition, trace: TraceContext?)
    {
        let token = nextToken
        nextToken += 1
        entries[token] = Entry(token: token, command: command, message: message, position: position, trace: trace)
        bytes += message.payload.count
        devices[command.deviceID, default: []].append(token)
        if devices[command.deviceID]?.count == 1 { makeReady(token, command.priority) }
    }

    /// The next to send, marked as sent; nil when nothing is ready.
    mutating func send(now uptime: Duration) -> Entry? {
        guard let turn = ready.popLast() else { return nil }
        entries[turn.token]?.sentAt = uptime
        inFlight += 1
        return entries[turn.token]
    }

    /// It was not sent, or nobody knows: it waits for its turn again.
    mutating func giveBack(_ token: Int) {
        guard let entry = entries[token], entry.sentAt != nil else { return }
        entries[token]?.sentAt = nil
        entries[token]?.mayBeSent = true
        inFlight -= 1
        makeReady(token, entry.command.priority)
    }

    /// A device has answered to a command that may be under way.
    mutating func answered(_ requestID: String) {
        for (token, entry) in entries where entry.sentAt != nil && entry.command.requestID == requestID {
            entries[token]?.isAnswered = true
        }
    }

    /// Takes a command out: it was handed over, or never will be. Nil when it is not in hand.
    mutating func remove(_ token: Int) -> Entry? {
        guard let entry = entries.removeValue(forKey: token) else { return nil }
        bytes -= entry.message.payload.count
        if entry.sentAt != nil { inFlight -= 1 } else { ready.removeAll { $0.token == token } }
        let device = entry.command.deviceID
        guard var queue = devices[device] else { return entry }
        let wasFirst = queue.first == token
        queue.removeAll { $0 == token }
        devices[device] = queue.isEmpty ? nil : queue
        if wasFirst, let next = queue.first, let command = entries[next]?.command { makeReady(next, command.priority) }
        return entry
    }

    /// Those that wait and whose time is over.
    func expired(_ now: Timestamp) -> [Int] {
        entries.values.filter { $0.sentAt == nil && $0.command.expiresAt.map { $0 <= now } ?? false }.map(\.token)
            .sorted()
    }

    /// Those that were sent before an uptime.
    func sent(before uptime: Duration) -> [Int] {
        entries.values.filter { $0.sentAt.map { $0 < uptime } ?? false }.map(\.token).sorted()
    }

    /// Those that wait, of partitions that are not kept.
    func waiting(outside partitions: Set<Int>) -> [Int] {
        entries.values.filter { $0.sentAt == nil && !partitions.contains($0.position.partition) }.map(\.token)
    }

    /// When the first of those that wait expires.
    var firstExpiry: Timestamp? {
        entries.values.lazy.filter { $0.sentAt == nil }.compactMap(\.command.expiresAt).min()
    }

    private mutating func makeReady(_ token: Int, _ priority: Int) {
        let turn = Turn(priority: priority, token: token)
        var low = 0
        var high = ready.count
        while low < high {
            let middle = (low + high) / 2
            if ready[middle] < turn { low = middle + 1 } else { high = middle }
        }
        ready.insert(turn, at: low)
    }
}
