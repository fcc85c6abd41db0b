internal import Contracts
internal import Runtime

extension CommandStatus {
    /// The state that counts: the one of highest rank, the last of them.
    var state: CommandState { current?.state ?? .accepted }

    /// When the command was accepted, or the first that is known of it.
    var acceptedAt: Timestamp { history.first?.at ?? Timestamp(microseconds: 0) }

    /// The status as it reads at a moment: a command that is still accepted well after its expiry has expired, even if
    /// no pusher runs that could say so.
    func at(_ now: Timestamp, grace: Duration) -> CommandStatus {
        guard state == .accepted, let expiresAt, expiresAt.advanced(by: grace) < now else { return self }
        var copy = self
        copy.history.append(
            CommandTransition(.expired, at: expiresAt, evidence: .reason("not published before its expiry")))
        return copy
    }

    /// The body of `GET /api/v1/commands/{request_id}/status`.
    var json: [UInt8] {
        var writer = JSONWriter(capacity: 640)
        writer.object { writer in
            writeName(to: &writer)
            writer.member("history", array: { writer in for step in history { step.write(to: &writer) } })
            writeEvidence(to: &writer)
        }
        return writer.bytes
    }

    /// An element of `GET /api/v1/commands`.
    func writeListed(to writer: inout JSONWriter) {
        writer.object { writer in
            writeName(to: &writer)
            writer.member("accepted_at", acceptedAt)
            writeEvidence(to: &writer)
        }
    }

    private func writeName(to writer: inout JSONWriter) {
        writer.member("request_id", requestID)
        writer.member("device_id", deviceID)
        writer.member("command_type", commandType)
        writer.member("status", state.rawValue)
        writer.member("timestamp", current?.at)
    }

    private func writeEvidence(to writer: inout JSONWriter) {
        writer.name("kafka")
        if let record = history.lazy.map(\.evidence).first(where: \.isRecord) {
            record.write(to: &writer)
        } else {
            writer.null()
        }
        writer.member("expires_at", expiresAt)
        writer.member("error", current?.error)
    }

    private var current: CommandTransition? {
        history.reduce(nil) { best, step in
            guard let best, best.state.rank > step.state.rank else { return step }
            return best
        }
    }
}

extension CommandTransition {
    /// Why the command did not succeed; nil when it did or may.
    fileprivate var error: String? {
        switch (state, evidence) {
        case (.failed, .reason(let reason)), (.expired, .reason(let reason)): reason
        case (.rejected, .feedback(_, _, _, let word)): "the device answered: \(word)"
        default: nil
        }
    }
}

extension CommandTransition.Evidence {
    fileprivate var isRecord: Bool {
        if case .record = self { return true }
        return false
    }
}
