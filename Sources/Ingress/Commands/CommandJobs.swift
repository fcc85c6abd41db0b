internal import BusClients
internal import Contracts
internal import HTTPKit
internal import Runtime

/// Commands as jobs for the pusher, and the events that tell of them; the order is kept.
struct CommandJobs {
    /// The commands of one job.
    private struct Part {
        var messageID: String
        var commands: Range<Int>
    }

    private(set) var jobs: [Job] = []
    private let commands: [AcceptedCommand]
    private let acceptedAt: Timestamp
    private var parts: [Part] = []

    /// - Parameter headers: go with every job.
    /// - Throws: 413 when a command is too large for a record.
    init(_ commands: [AcceptedCommand], acceptedAt: Timestamp, headers: Headers) throws(HTTPError) {
        self.commands = commands
        self.acceptedAt = acceptedAt
        var writer = JSONWriter(capacity: commands.count == 1 ? 1024 : 64 << 10)
        var first = 0
        for (index, command) in commands.enumerated() {
            let start = writer.bytes.count
            CommandEnvelope.write(
                command.request, id: command.id, acceptedAt: acceptedAt, expiresAt: command.expiresAt,
                fingerprint: command.fingerprint, to: &writer)
            guard writer.bytes.count - start <= CommandRecord.maximumBytes else { throw .payloadTooLarge }
            let isFull =
                writer.bytes.count >= CommandEnvelope.jobBytes || index + 1 - first >= CommandEnvelope.maximumPerJob
            if isFull || index + 1 == commands.count {
                add(writer.bytes, first..<(index + 1), headers)
                writer = JSONWriter(capacity: writer.bytes.count)
                first = index + 1
            } else {
                writer.newLine()
            }
        }
    }

    private mutating func add(_ body: [UInt8], _ range: Range<Int>, _ headers: Headers) {
        // A single command's job has its id, so that a queue that can tell keeps it once.
        let id = commands.count == 1 ? commands[0].id : CommandID.random(at: acceptedAt)
        parts.append(Part(messageID: id, commands: range))
        jobs.append(Job(Message(id: MessageID(id), headers: headers, body: body)))
    }

    /// What the view learns of the commands before the pusher speaks.
    /// - Parameters:
    ///   - batch: made the ids of the commands that have no fingerprint.
    ///   - trace: the span of the request.
    func events(batch: CommandID.Batch?, _ trace: TraceContext) -> [Event] {
        let headers = Headers(trace: trace)
        var events: [Event] = []
        for part in parts {
            let own = commands[part.commands]
            if let batch, let first = own.first?.index, let last = own.last?.index,
                own.contains(where: { $0.fingerprint == nil })
            {
                events.append(batchEvent(batch, part, first...last, headers))
            }
            let listed = batch == nil ? own : own.filter { $0.fingerprint != nil }[...]
            if !listed.isEmpty { events.append(linesEvent(listed, part, headers)) }
        }
        return events
    }

    private func batchEvent(
        _ batch: CommandID.Batch, _ part: Part, _ places: ClosedRange<Int>, _ headers: Headers
    ) -> Event {
        let accepted = AcceptedBatch(
            prefix: batch.prefix, first: places.lowerBound, acceptedAt: acceptedAt, queue: StreamNames.commandRequests,
            messageID: part.messageID)
        var writer = JSONWriter(capacity: part.commands.count * 64)
        accepted.write(to: &writer) { writer in
            var place = places.lowerBound
            for command in commands[part.commands] {
                // Places between are commands that are not new.
                while let index = command.index, place < index {
                    writer.null()
                    place += 1
                }
                if command.fingerprint == nil {
                    AcceptedBatch.writeCommand(command.request, expiresAt: command.expiresAt, to: &writer)
                } else {
                    writer.null()
                }
                place += 1
            }
        }
        return event(StreamNames.commandAcceptedBatch, part, headers, writer.bytes)
    }

    private func linesEvent(_ commands: ArraySlice<AcceptedCommand>, _ part: Part, _ headers: Headers) -> Event {
        var writer = JSONWriter(capacity: commands.count * 384)
        for command in commands {
            if !writer.bytes.isEmpty { writer.newLine() }
            command.status(acceptedAt: acceptedAt, queue: StreamNames.commandRequests, messageID: part.messageID)
                .write(to: &writer)
        }
        return event(StreamNames.commandAccepted, part, headers, writer.bytes)
    }

    private func event(_ key: String, _ part: Part, _ headers: Headers, _ body: [UInt8]) -> Event {
        let message = Message(id: MessageID("\(part.messageID).accepted"), headers: headers, body: body)
        return Event(routingKey: RoutingKey(key), message: message)
    }
}
