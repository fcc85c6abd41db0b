import BusClients
import Contracts
import Runtime

/// Writes the statuses of a batch, in its order, as records of the status topic.
struct PushStatuses {
    /// Bytes of status lines in one record; one more line may follow.
    private static let recordBytes = 256 << 10

    private let topic: Topic
    private(set) var records: [LogRecord] = []
    private var writer = JSONWriter()
    private var key = ""
    /// The span of the record's first command.
    private var trace: TraceContext?
    private var hasOneTrace = true
    /// The line that is being written: commands of one job that were published together.
    private var open: PublishedCommands?

    /// - Parameter topic: where the commands were published.
    init(of batch: PushBatch, topic: Topic) {
        self.topic = topic
        for line in batch.lines where line.duplicateOf == nil { add(line) }
        endRecord()
    }

    private mutating func add(_ line: PushBatch.Line) {
        if writer.bytes.count >= Self.recordBytes { endRecord() }
        switch line.outcome {
        case .pending: break
        case .published(let position, let at, _):
            let job = PublishedCommands(
                publishedAt: at, topic: topic.rawValue, queue: line.queue.rawValue, messageID: line.messageID.rawValue)
            if job != open {
                beginLine(line)
                job.begin(&writer)
                open = job
            }
            PublishedCommands.write(
                line.envelope, partition: position.partition, offset: position.offset, to: &writer)
        case .expired(let at):
            add(line, CommandTransition(.expired, at: at, evidence: .reason(PushBatch.expiryReason)))
        case .cancelled(let wish, let at):
            add(
                line,
                CommandTransition(
                    .cancelled, at: at, evidence: .cancellation(by: wish.requestedBy, at: wish.requestedAt)))
        case .failed(let reason, let at): add(line, CommandTransition(.failed, at: at, evidence: .reason(reason)))
        }
    }

    private mutating func add(_ line: PushBatch.Line, _ step: CommandTransition) {
        let accepted = CommandTransition(
            .accepted, at: line.envelope.acceptedAt,
            evidence: .job(queue: line.queue.rawValue, messageID: line.messageID.rawValue))
        beginLine(line)
        CommandStatus(line.envelope, history: [accepted, step]).write(to: &writer)
    }

    private mutating func beginLine(_ line: PushBatch.Line) {
        endLine()
        if writer.bytes.isEmpty {
            key = line.envelope.requestID
            trace = line.trace
            hasOneTrace = true
        } else {
            writer.newLine()
            if line.trace != trace { hasOneTrace = false }
        }
    }

    private mutating func endLine() {
        if open != nil { PublishedCommands.end(&writer) }
        open = nil
    }

    private mutating func endRecord() {
        endLine()
        guard !writer.bytes.isEmpty else { return }
        // A record that tells of several traces belongs to none of them.
        let headers = hasOneTrace ? trace.map { Headers(trace: $0) } : nil
        records.append(LogRecord(key: key, headers: headers ?? [:], value: writer.bytes))
        writer = JSONWriter()
    }
}
