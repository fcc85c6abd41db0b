import BusClients
import Contracts
import Runtime

/// The commands of some deliveries in their order, and how far each has come.
///
/// Pure: what happened is told by the pipeline, so that a retry goes on where the last attempt stopped.
struct PushBatch {
    /// One command.
    struct Line {
        let envelope: CommandEnvelope
        let queue: QueueName
        let messageID: MessageID
        let logEnds: LogEnds
        /// The pusher's span in the trace of the client's request; one for the commands of a job.
        let trace: TraceContext
        /// Whether its record may be in the topic already.
        var mayBePublished: Bool
        /// Whether another attempt may have decided on it.
        let comesAgain: Bool
        var outcome: Outcome = .pending
        /// The earlier line with the same command; this one needs no record and no status.
        let duplicateOf: Int?

        /// What the fleet is told of a command that will not be published.
        var failure: Event? {
            let notice: CommandFailureNotice
            switch outcome {
            case .pending, .published, .cancelled: return nil
            case .expired(let at):
                notice = CommandFailureNotice(envelope, .expired, reason: PushBatch.expiryReason, at: at)
            case .failed(let reason, let at):
                notice = CommandFailureNotice(envelope, .failed, reason: reason, at: at)
            }
            return Event(
                routingKey: RoutingKey(StreamNames.commandFailed(device: notice.deviceID)),
                message: Message(id: MessageID(notice.messageID), headers: Headers(trace: trace), body: notice.json))
        }

        /// Whether a record of it must still be appended.
        var isPending: Bool { outcome == .pending && duplicateOf == nil }
    }

    /// What became of a command.
    enum Outcome: Equatable {
        case pending
        case published(LogPosition, at: Timestamp, isNew: Bool)
        case expired(at: Timestamp)
        case cancelled(CommandCancellation, at: Timestamp)
        case failed(reason: String, at: Timestamp)
    }

    static let expiryReason = "not published before its expiry"

    private(set) var lines: [Line] = []
    /// Whether the statuses of all lines are durable.
    var hasStatuses = false
    /// Deliveries whose lines are in `lines`.
    private(set) var deliveries: [Delivery] = []
    /// The span of each of these deliveries.
    private(set) var traces: [TraceContext] = []
    /// Deliveries that cannot be read.
    private(set) var unreadable: [(delivery: Delivery, reason: String)] = []

    /// Trace ids of a batch that a log line names: as many as a value may hold.
    private static let namedTraces = 64

    /// Decodes deliveries; one with a line that cannot be read contributes nothing.
    /// - Parameter spans: makes a span for each delivery.
    init(spans: TraceIDSource, _ deliveries: some Sequence<Delivery>) {
        var known: [String: Int] = [:]
        for delivery in deliveries {
            do {
                let envelopes = try JSONLines(delivery.message.body).map { try CommandEnvelope(line: $0) }
                guard !envelopes.isEmpty else { throw MessageError("the job holds no command") }
                add(envelopes, of: delivery, spans.resume(delivery.message.headers.trace), &known)
            } catch {
                unreadable.append((delivery, "undecodable command job: \(error)"))
            }
        }
    }

    /// A job is enqueued so soon after its commands are accepted; later, it was replayed from the dead letters.
    private static let enqueueing: Duration = .seconds(1)

    private mutating func add(
        _ envelopes: [CommandEnvelope], of delivery: Delivery, _ trace: TraceContext, _ known: inout [String: Int]
    ) {
        let logEnds = LogEnds(header: delivery.message.headers[CommandEnvelope.logEndsHeader])
        for envelope in envelopes {
            let wasReplayed = delivery.enqueuedAt > envelope.acceptedAt.advanced(by: Self.enqueueing)
            let comesAgain = delivery.isRedelivered || wasReplayed
            let mayBePublished = comesAgain || envelope.isKeyed
            let first = known[envelope.requestID]
            if first == nil { known[envelope.requestID] = lines.count }
            lines.append(
                Line(
                    envelope: envelope, queue: delivery.queue, messageID: delivery.message.id, logEnds: logEnds,
                    trace: trace, mayBePublished: mayBePublished, comesAgain: comesAgain,
                    duplicateOf: first))
        }
        deliveries.append(delivery)
        traces.append(trace)
    }

    /// What stands in every log line about the batch: its jobs, and the traces of the first of them.
    var logFields: LogFields {
        let ids = traces.prefix(Self.namedTraces).map(\.traceID)
        return [
            "commands": .int(Int64(lines.count)), "jobs": .int(Int64(traces.count)),
            "trace_id": .string(ids.joined(separator: ",")),
        ]
    }

    /// The lines whose record must be looked for before they are appended.
    var linesToLookUp: [Int] { lines.indices.filter { lines[$0].isPending && lines[$0].mayBePublished } }

    var pendingLines: [Int] { lines.indices.filter { lines[$0].isPending } }

    mutating func settle(_ index: Int, _ outcome: Outcome) { lines[index].outcome = outcome }

    /// An append failed without saying how much of it happened.
    mutating func doubt(_ indices: some Sequence<Int>) {
        for index in indices { lines[index].mayBePublished = true }
    }

    /// Gives up what somebody has asked not to be published.
    mutating func cancel(now: Timestamp, _ find: (String) -> CommandCancellation?) {
        for index in lines.indices where lines[index].isPending {
            if let wish = find(lines[index].envelope.requestID) { lines[index].outcome = .cancelled(wish, at: now) }
        }
    }

    /// Gives up what may not be published any more.
    mutating func expire(now: Timestamp) {
        for index in lines.indices where lines[index].isPending {
            if let end = lines[index].envelope.expiresAt, end <= now { lines[index].outcome = .expired(at: now) }
        }
    }
}

extension CommandFailureNotice {
    fileprivate init(_ envelope: CommandEnvelope, _ state: CommandState, reason: String, at: Timestamp) {
        self.init(
            requestID: envelope.requestID, deviceID: envelope.deviceID, commandType: envelope.commandType, state: state,
            reason: reason, at: at)
    }
}
