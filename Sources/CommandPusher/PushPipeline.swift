import BusClients
import Contracts
import Runtime

/// Takes a batch from the queue to the command topic and the status topic.
///
/// Every step can be repeated: what an attempt finished is in the batch, and a doubtful append is looked up before it is
/// done again.
struct PushPipeline {
    /// Records read at a time by a look-up.
    private static let readLimit = 2048

    let configuration: CommandPusherConfiguration
    let log: any MessageLog
    let events: any EventExchange
    let cancellations: Cancellations
    let time: any TimeSource
    private var index = ProducedIndex()

    init(
        configuration: CommandPusherConfiguration, log: any MessageLog, events: any EventExchange,
        cancellations: Cancellations, time: any TimeSource
    ) {
        self.configuration = configuration
        self.log = log
        self.events = events
        self.cancellations = cancellations
        self.time = time
    }

    /// Publishes what is pending; returns when the statuses of all are durable, and the fleet has been told of those that
    /// have ended badly.
    /// - Throws: `BusError`; the same batch may be given again.
    mutating func publish(_ batch: inout PushBatch) async throws(BusError) {
        try await lookUp(&batch)
        // What was published before is known by now, and what is left is not: the last moment to give it up.
        if !cancellations.isEmpty { batch.cancel(now: time.now) { cancellations[$0] } }
        batch.expire(now: time.now)
        try await append(&batch)
        if !batch.hasStatuses {
            try await appendStatuses(of: batch)
            batch.hasStatuses = true
        }
        try await tellOfFailures(of: batch)
    }

    // MARK: Commands

    private mutating func append(_ batch: inout PushBatch) async throws(BusError) {
        var chunk: [Int] = []
        var bytes = 0
        for line in batch.pendingLines {
            let size = batch.lines[line].envelope.record.count
            if !chunk.isEmpty, bytes + size > configuration.chunkBytes {
                try await append(chunk, of: &batch)
                chunk.removeAll(keepingCapacity: true)
                bytes = 0
            }
            chunk.append(line)
            bytes += size
        }
        if !chunk.isEmpty { try await append(chunk, of: &batch) }
    }

    private mutating func append(_ chunk: [Int], of batch: inout PushBatch) async throws(BusError) {
        let records = chunk.map { record(of: batch.lines[$0]) }
        do {
            let positions = try await log.append(records, to: configuration.commandTopic)
            settle(chunk, at: positions, of: &batch)
        } catch  where error.code == .messageTooLarge || error.code == .invalidName {
            guard chunk.count > 1 else {
                batch.settle(chunk[0], .failed(reason: error.code.rawValue, at: time.now))
                return
            }
            // One record is refused for what it is: find it, in order, so that the others are published.
            batch.doubt(chunk)
            try await lookUp(&batch)
            for line in chunk where batch.lines[line].isPending { try await append([line], of: &batch) }
        } catch {
            batch.doubt(chunk)
            throw error
        }
    }

    private mutating func settle(_ chunk: [Int], at positions: [LogPosition], of batch: inout PushBatch) {
        let now = time.now
        for (line, position) in zip(chunk, positions) {
            batch.settle(line, .published(position, at: now, isNew: true))
            index.remember(
                batch.lines[line].envelope.requestID, partition: position.partition,
                ProducedIndex.Entry(offset: position.offset, at: now))
        }
    }

    private func record(of line: PushBatch.Line) -> LogRecord {
        let headers = CommandRecord.headers(of: line.envelope, trace: line.trace)
        return LogRecord(
            key: line.envelope.deviceID,
            headers: Headers(headers.map { Headers.Field(name: $0.name, value: $0.value) }),
            value: line.envelope.record)
    }

    // MARK: Looking up

    /// Finds the commands that are in the topic already.
    private mutating func lookUp(_ batch: inout PushBatch) async throws(BusError) {
        let wanted = batch.linesToLookUp
        guard !wanted.isEmpty else { return }
        if wanted.contains(where: { batch.lines[$0].comesAgain }) { try await hearCancellations() }
        let retained = try await log.offsets(of: configuration.commandTopic)
        var partitions: [String: Int] = [:]
        var byPartition: [Int: [Int]] = [:]
        for line in wanted {
            let device = batch.lines[line].envelope.deviceID
            let partition: Int
            if let known = partitions[device] {
                partition = known
            } else {
                partition = try await log.partition(of: device, in: configuration.commandTopic)
                partitions[device] = partition
            }
            byPartition[partition, default: []].append(line)
        }
        for (partition, lines) in byPartition where retained.indices.contains(partition) {
            index.forget(below: retained[partition].lowerBound, in: partition)
            try await loadTail(of: partition, retained: retained[partition])
            var missing: [String: Int] = [:]
            var oldest = Int64.max
            for line in lines {
                let id = batch.lines[line].envelope.requestID
                if let entry = index.find(id, in: partition), entry.mayBe(batch.lines[line].envelope) {
                    settle(line, at: entry, partition, of: &batch)
                } else {
                    missing[id] = line
                    oldest = min(oldest, batch.lines[line].logEnds[partition] ?? 0)
                }
            }
            let start = max(oldest, retained[partition].lowerBound)
            if let known = index.start(of: partition), start < known, !missing.isEmpty {
                try await scan(start..<known, of: partition, for: missing, in: &batch)
            }
        }
    }

    /// Another pusher may have decided on a job that comes again, by what has not been heard of here yet.
    private func hearCancellations() async throws(BusError) {
        do {
            try await cancellations.catchUp(events)
        } catch let error as BusError {
            throw error
        } catch {
            throw BusError(.closed, "the pusher stops")
        }
    }

    private mutating func loadTail(of partition: Int, retained: Range<Int64>) async throws(BusError) {
        let range = index.missing(in: partition, retained: retained)
        guard !range.isEmpty || index.start(of: partition) == nil else { return }
        var found: [ProducedIndex.Found] = []
        try await read(range, of: partition) { found.append($0) }
        index.load(range, of: partition, found)
    }

    /// Looks further back than the index knows: for jobs that waited while the topic grew.
    private func scan(
        _ range: Range<Int64>, of partition: Int, for missing: [String: Int], in batch: inout PushBatch
    ) async throws(BusError) {
        var entries: [(line: Int, entry: ProducedIndex.Entry)] = []
        try await read(range, of: partition) { found in
            guard let id = found.requestID, let line = missing[id] else { return }
            entries.append((line, ProducedIndex.Entry(offset: found.offset, at: found.at)))
        }
        for (line, entry) in entries where batch.lines[line].isPending && entry.mayBe(batch.lines[line].envelope) {
            settle(line, at: entry, partition, of: &batch)
        }
    }

    private func settle(
        _ line: Int, at entry: ProducedIndex.Entry, _ partition: Int, of batch: inout PushBatch
    ) {
        let position = LogPosition(partition: partition, offset: entry.offset)
        batch.settle(line, .published(position, at: entry.at, isNew: false))
    }

    private func read(
        _ range: Range<Int64>, of partition: Int, _ each: (ProducedIndex.Found) -> Void
    ) async throws(BusError) {
        var next = range.lowerBound
        while next < range.upperBound {
            let limit = min(Self.readLimit, Int(range.upperBound - next))
            let records = try await log.read(configuration.commandTopic, partition: partition, from: next, limit: limit)
            guard let last = records.last else { return }
            for record in records where record.position.offset < range.upperBound {
                let id = record.record.headers[CommandRecord.requestIDHeader]
                each(ProducedIndex.Found(offset: record.position.offset, requestID: id, at: record.appendedAt))
            }
            next = last.position.offset + 1
        }
    }

    // MARK: Statuses

    private func appendStatuses(of batch: PushBatch) async throws(BusError) {
        let records = PushStatuses(of: batch, topic: configuration.commandTopic).records
        guard !records.isEmpty else { return }
        _ = try await log.append(records, to: configuration.statusTopic)
    }

    // MARK: Failures

    /// Notices published at a time.
    private static let noticeLimit = 500

    private func tellOfFailures(of batch: PushBatch) async throws(BusError) {
        var notices: [Event] = []
        for line in batch.lines where line.duplicateOf == nil {
            if let notice = line.failure { notices.append(notice) }
        }
        for start in stride(from: 0, to: notices.count, by: Self.noticeLimit) {
            let part = notices[start..<min(start + Self.noticeLimit, notices.count)]
            try await events.publish(
                Array(part), to: configuration.failureExchange,
                declaring: EventExchangeOptions(maximumAge: AlertStream.age, maximumBytes: AlertStream.bytes))
        }
    }
}
