internal import BusClients
internal import Contracts
internal import HTTPKit
internal import Runtime

/// `/api/v1/commands/dead-letters`: the jobs of commands that no pusher will be given again.
struct CommandDeadLetters: RouteGroup {
    /// Commands of a job that the list names.
    static let named = 100

    private static let queue = QueueName(StreamNames.commandRequests)

    let context: IngressContext

    func register(in api: inout API) {
        api.on(
            DeadLetterOperations.list,
            context.access.require(DeadLetterOperations.list.permission) { [self] request, _, _ in
                try await list(request)
            })
        api.on(
            DeadLetterOperations.replay,
            context.access.require(DeadLetterOperations.replay.permission) { [self] request, _, principal in
                try await settle(request, principal, "replayed", event: "dead_letter_replayed") {
                    (queues, letter) async throws(BusError) in try await queues.replay([letter], of: Self.queue)
                }
            })
        api.on(
            DeadLetterOperations.drop,
            context.access.require(DeadLetterOperations.drop.permission) { [self] request, _, principal in
                try await settle(request, principal, "dropped", event: "dead_letter_dropped") {
                    (queues, letter) async throws(BusError) in try await queues.drop([letter], of: Self.queue)
                }
            })
    }

    private func list(_ request: HTTPRequest) async throws -> HTTPResponse {
        var reader = QueryReader(request)
        let after = reader.value(DeadLetterOperations.after).map { DeadLetter.ID(rawValue: Int64($0)) }
        let limit = reader.value(DeadLetterOperations.limit)
        try reader.finish()
        let letters = try await letters(after: after, limit: limit + 1)
        let shown = letters.prefix(limit)
        var writer = JSONWriter(capacity: 64 + shown.count * 512)
        writer.object { writer in
            writer.member("dead_letters", array: { writer in for letter in shown { Self.write(letter, to: &writer) } })
            writer.member("next_after", letters.count > limit ? shown.last?.id.rawValue : nil)
        }
        return .json(writer.bytes)
    }

    private func letters(after: DeadLetter.ID?, limit: Int) async throws(HTTPError) -> [DeadLetter] {
        do {
            return try await context.bus.queues.deadLetters(of: Self.queue, after: after, limit: limit)
        } catch  where error.code == .unknownQueue {
            return []
        } catch {
            context.logger.warning("dead letters not read", ["error": "\(error)"])
            throw HTTPError.unavailable("The queue cannot be reached.", retryAfter: 2)
        }
    }

    private func settle(
        _ request: HTTPRequest, _ principal: Principal, _ done: String, event: String,
        _ action: (any WorkQueue, DeadLetter.ID) async throws(BusError) -> Int
    ) async throws -> HTTPResponse {
        guard let number = request.parameters["dead_letter_id"].flatMap(Int64.init) else {
            throw HTTPError.unknown("dead letter")
        }
        guard try await count(DeadLetter.ID(rawValue: number), action) > 0 else {
            throw HTTPError.unknown("dead letter")
        }
        context.audit.record(event, request, principal, on: "\(Self.queue.rawValue)/\(number)")
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("id", number)
            writer.member(done, true)
        }
        return .json(writer.bytes)
    }

    private func count(
        _ letter: DeadLetter.ID, _ action: (any WorkQueue, DeadLetter.ID) async throws(BusError) -> Int
    ) async throws(HTTPError) -> Int {
        do {
            return try await action(context.bus.queues, letter)
        } catch  where error.code == .unknownQueue {
            return 0
        } catch {
            context.logger.warning("dead letter not settled", ["error": "\(error)"])
            throw HTTPError(error)
        }
    }

    private static func write(_ letter: DeadLetter, to writer: inout JSONWriter) {
        let commands = try? JSONLines(letter.message.body).map { try CommandEnvelope(line: $0) }
        writer.object { writer in
            writer.member("id", letter.id.rawValue)
            writer.member("message_id", letter.message.id.rawValue)
            writer.member("reason", letter.reason)
            writer.member("attempts", letter.attempts)
            writer.member("enqueued_at", letter.enqueuedAt)
            writer.member("died_at", letter.diedAt)
            writer.member("command_count", commands?.count)
            writer.member(
                "commands",
                array: { writer in
                    for command in (commands ?? []).prefix(named) {
                        writer.object { writer in
                            writer.member("request_id", command.requestID)
                            writer.member("device_id", command.deviceID)
                            writer.member("command_type", command.commandType)
                        }
                    }
                })
        }
    }
}
