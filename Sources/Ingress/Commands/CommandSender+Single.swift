internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// One command: `POST /api/v1/commands`.
extension CommandSender {
    /// How a request wants to be answered.
    struct Wishes: Sendable {
        let idempotencyKey: String?
        let respondsAtOnce: Bool
        let trace: TraceContext
        /// For the audit and for log lines.
        let request: HTTPRequest

        var logFields: LogFields { request.logFields }
    }

    func send(_ body: JSONValue, _ wishes: Wishes, _ principal: Principal) async throws -> HTTPResponse {
        let now = context.time.now
        let request: CommandRequest
        do {
            request = try CommandRequest.single(body, now: now)
        } catch {
            throw HTTPError.validation(error.errors)
        }
        try wishes.check(request, at: ["body"])
        guard let key = wishes.idempotencyKey ?? request.requestID else {
            let command = AcceptedCommand(
                request: request, id: CommandID.random(at: now), expiresAt: expiry(of: request, acceptedAt: now),
                fingerprint: nil, index: nil)
            return try await accept(command, wishes, principal, now)
        }
        try requireViews()
        let fingerprint = CommandFingerprint.of(request, principal: principal.id)
        for generation in 0..<Self.maximumGenerations {
            let id =
                request.requestID
                ?? CommandID.keyed(principal: principal.id, key: key, index: nil, generation: generation)
            let command = AcceptedCommand(
                request: request, id: id, expiresAt: expiry(of: request, acceptedAt: now), fingerprint: fingerprint,
                index: nil)
            if let response = try await sendKeyed(command, wishes, principal, now) { return response }
        }
        throw HTTPError.conflict("The key was used too often.")
    }

    /// Answers a command with a client's key; nil when the key's time is over and its next generation is to be tried.
    private func sendKeyed(
        _ command: AcceptedCommand, _ wishes: Wishes, _ principal: Principal, _ now: Timestamp
    ) async throws -> HTTPResponse? {
        switch commands.claims.claim(command.id, fingerprint: command.fingerprint ?? "") {
        case .conflict: throw HTTPError.conflict("The key was used for another command.")
        case .full: throw HTTPError.unavailable("Too many commands with keys are on their way.")
        case .follow:
            guard let at = try await commands.claims.acceptance(of: command.id) else {
                return try await sendKeyed(command, wishes, principal, now)
            }
            return try await replay(command.id, acceptedAt: at, wishes)
        case .own: break
        }
        do {
            if let known = try await context.views.read({ try $0.command(command.id) }) {
                commands.claims.release(command.id, known.acceptedAt)
                return try await replay(known, command, wishes, now)
            }
            return try await accept(command, wishes, principal, now)
        } catch {
            commands.claims.settle(command.id, .failure(error))
            throw error
        }
    }

    private func replay(
        _ known: CommandStatus, _ command: AcceptedCommand, _ wishes: Wishes, _ now: Timestamp
    ) async throws -> HTTPResponse? {
        let isOld = known.acceptedAt.advanced(by: Self.keyLifetime) < now
        if isOld, command.request.requestID == nil { return nil }
        guard known.fingerprint == command.fingerprint else {
            throw HTTPError.conflict("The key was used for another command.")
        }
        return try await replay(command.id, acceptedAt: known.acceptedAt, wishes)
    }

    /// The answer to a command that another request has made durable.
    private func replay(_ id: String, acceptedAt: Timestamp, _ wishes: Wishes) async throws -> HTTPResponse {
        let registration = wishes.respondsAtOnce ? nil : commands.waiters.register(id)
        defer { if let registration { commands.waiters.cancel(registration) } }
        var state = try await context.views.read { try $0.command(id)?.state } ?? .accepted
        if state == .accepted, let registration {
            let limit = context.configuration.commandAckTimeout
            state = await registration.waiter.wait(atMost: limit) ?? .accepted
        }
        var response = CommandAnswer(requestID: id, state: state, acceptedAt: acceptedAt).response
        response.headers.append("Idempotency-Replayed", "true")
        return response
    }

    /// Makes a command durable and answers when it is published, or when the time for that is over.
    private func accept(
        _ command: AcceptedCommand, _ wishes: Wishes, _ principal: Principal, _ now: Timestamp
    ) async throws -> HTTPResponse {
        let registration = wishes.respondsAtOnce ? nil : commands.waiters.register(command.id)
        defer { if let registration { commands.waiters.cancel(registration) } }
        let jobs = try await enqueue([command], acceptedAt: now, wishes)
        noteInAudit([command], wishes.request, principal)
        if command.fingerprint != nil { commands.claims.settle(command.id, .success(now)) }
        if let registration {
            let limit = context.configuration.commandAckTimeout
            if let state = await registration.waiter.wait(atMost: limit) {
                return CommandAnswer(requestID: command.id, state: state, acceptedAt: now).response
            }
        }
        await announce(jobs.events(batch: nil, wishes.trace), wishes)
        var response = CommandAnswer(requestID: command.id, state: .accepted, acceptedAt: now).response
        if wishes.respondsAtOnce { response.headers.append("Preference-Applied", "respond-async") }
        return response
    }
}

extension CommandSender.Wishes {
    /// - Throws: 422 when the key is empty or longer than 255 characters.
    init(_ request: HTTPRequest) throws(HTTPError) {
        idempotencyKey = request.headers.first("Idempotency-Key")
        if let key = idempotencyKey, !(1...255).contains(key.utf8.count) {
            throw .validation([
                ValidationError("value_error", at: ["header", "Idempotency-Key"], "Value error, 1 to 255 characters")
            ])
        }
        respondsAtOnce =
            request.headers.contains("Prefer")
            && request.headers.all("Prefer").contains { $0 == "respond-async" || Self.names($0, "respond-async") }
        trace = request.trace
        self.request = request
    }

    /// A key in the header and an id in the body would be two names for one command.
    func check(_ request: CommandRequest, at location: [ValidationError.Element]) throws(HTTPError) {
        guard let key = idempotencyKey, let id = request.requestID, id != key else { return }
        throw .validation([
            ValidationError(
                "value_error", at: location + ["request_id"],
                "Value error, send either an Idempotency-Key or a request_id")
        ])
    }

    /// Whether a list of preferences has one of that name (RFC 7240, section 2).
    private static func names(_ preferences: String, _ name: String) -> Bool {
        preferences.split(separator: ",").contains { preference in
            preference.split(separator: ";").first?.filter { $0 != " " }.lowercased() == name
        }
    }
}
