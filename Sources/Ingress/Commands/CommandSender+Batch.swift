internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// Many commands: `POST /api/v1/commands/batch`.
extension CommandSender {
    /// What a command of a batch is, before it is answered.
    private enum Item {
        /// New: it goes into the queue.
        case new(AcceptedCommand)
        /// Another request, or an earlier command of this batch, has it.
        case follows(String)
        /// The view has it.
        case known(CommandStatus)
        case conflict(String)
    }

    func sendBatch(_ body: JSONValue, _ wishes: Wishes, _ principal: Principal) async throws -> HTTPResponse {
        let now = context.time.now
        let requests: [CommandRequest]
        do {
            requests = try CommandRequest.batch(body, now: now)
        } catch {
            throw HTTPError.validation(error.errors)
        }
        if wishes.idempotencyKey != nil, let index = requests.firstIndex(where: { $0.requestID != nil }) {
            try wishes.check(requests[index], at: ["body", "commands", .index(index)])
        }
        let batch = CommandID.Batch(at: now)
        let items = try await classify(requests, batch, wishes, principal, now)
        let new = items.compactMap { item -> AcceptedCommand? in
            if case .new(let command) = item { command } else { nil }
        }
        if !new.isEmpty { try await accept(new, batch, wishes, principal, now) }
        return try await answer(items, wishes, acceptedAt: now)
    }

    /// Finds out which commands are new, and claims those with keys.
    private func classify(
        _ requests: [CommandRequest], _ batch: CommandID.Batch, _ wishes: Wishes, _ principal: Principal,
        _ now: Timestamp
    ) async throws -> [Item] {
        let commands = requests.enumerated().map { index, request in
            let expiresAt = expiry(of: request, acceptedAt: now)
            let id =
                request.requestID
                ?? wishes.idempotencyKey.map {
                    CommandID.keyed(principal: principal.id, key: $0, index: index, generation: 0)
                }
            let fingerprint = id == nil ? nil : CommandFingerprint.of(request, principal: principal.id)
            return AcceptedCommand(
                request: request, id: id ?? batch.id(index), expiresAt: expiresAt, fingerprint: fingerprint,
                index: index)
        }
        let keyed = commands.filter { $0.fingerprint != nil }.map(\.id)
        guard !keyed.isEmpty else { return commands.map(Item.new) }
        try requireViews()
        var items: [Item] = []
        do {
            for command in commands { items.append(try claim(command)) }
            let known = try await context.views.read { connection in
                try keyed.reduce(into: [String: CommandStatus]()) { $0[$1] = try connection.command($1) }
            }
            for (index, item) in items.enumerated() {
                guard case .new(let command) = item, let fingerprint = command.fingerprint,
                    let status = known[command.id]
                else { continue }
                self.commands.claims.release(command.id, status.acceptedAt)
                items[index] = status.fingerprint == fingerprint ? .known(status) : .conflict(command.id)
            }
        } catch {
            release(items, error)
            throw error
        }
        return items
    }

    private func claim(_ command: AcceptedCommand) throws(HTTPError) -> Item {
        guard let fingerprint = command.fingerprint else { return .new(command) }
        switch commands.claims.claim(command.id, fingerprint: fingerprint) {
        case .own: return .new(command)
        case .follow: return .follows(command.id)
        case .conflict: return .conflict(command.id)
        case .full: throw .unavailable("Too many commands with keys are on their way.")
        }
    }

    private func accept(
        _ new: [AcceptedCommand], _ batch: CommandID.Batch, _ wishes: Wishes, _ principal: Principal, _ now: Timestamp
    ) async throws {
        let jobs: CommandJobs
        do {
            jobs = try await enqueue(new, acceptedAt: now, wishes)
        } catch {
            release(new.map(Item.new), error)
            throw error
        }
        noteInAudit(new, wishes.request, principal)
        for command in new where command.fingerprint != nil { commands.claims.settle(command.id, .success(now)) }
        await announce(jobs.events(batch: batch, wishes.trace), wishes)
    }

    private func release(_ items: [Item], _ error: any Error) {
        for case .new(let command) in items where command.fingerprint != nil {
            commands.claims.settle(command.id, .failure(error))
        }
    }

    /// The answer to a command that another request has. Its failure is this item's alone: the others are durable.
    private func answer(
        following id: String, _ wishes: Wishes, acceptedAt now: Timestamp
    ) async throws -> CommandAnswer {
        do {
            let at = try await commands.claims.acceptance(of: id)
            return CommandAnswer(requestID: id, state: .accepted, acceptedAt: at ?? now)
        } catch let error as CancellationError where Task.isCancelled {
            throw error
        } catch {
            context.logger.debug("followed command not stored", wishes.logFields.merging(["error": "\(error)"]))
            return .notStored(id, at: now)
        }
    }

    /// 200 when every command succeeded, else 207; results in the order of the commands.
    private func answer(_ items: [Item], _ wishes: Wishes, acceptedAt now: Timestamp) async throws -> HTTPResponse {
        var answers: [CommandAnswer] = []
        answers.reserveCapacity(items.count)
        for item in items {
            switch item {
            case .new(let command):
                answers.append(CommandAnswer(requestID: command.id, state: .accepted, acceptedAt: now))
            case .known(let status):
                answers.append(
                    CommandAnswer(requestID: status.requestID, state: status.state, acceptedAt: status.acceptedAt))
            case .follows(let id):
                answers.append(try await answer(following: id, wishes, acceptedAt: now))
            case .conflict(let id): answers.append(.conflict(id, at: now))
            }
        }
        let successful = answers.count(where: \.isSuccess)
        var writer = JSONWriter(capacity: 160 * answers.count + 128)
        writer.object { writer in
            writer.member("total_commands", answers.count)
            writer.member("successful", successful)
            writer.member("failed", answers.count - successful)
            writer.member("results", array: { writer in for answer in answers { answer.write(to: &writer) } })
        }
        return .json(writer.bytes, status: successful == answers.count ? 200 : 207)
    }
}
