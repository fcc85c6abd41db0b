internal import Contracts
internal import Runtime

/// A checked command with everything the ingress adds to it.
struct AcceptedCommand: Sendable {
    let request: CommandRequest
    let id: String
    let expiresAt: Timestamp?
    /// What a repeated key is compared by; nil when the ingress made the id.
    let fingerprint: String?
    /// The place in its batch; nil for a single command.
    let index: Int?

    /// What it is before the pusher has it.
    func status(acceptedAt: Timestamp, queue: String, messageID: String) -> CommandStatus {
        CommandStatus(
            requestID: id, deviceID: request.deviceID, commandType: request.commandType,
            deviceProtocol: request.deviceProtocol.rawValue, fingerprint: fingerprint, expiresAt: expiresAt,
            history: [
                CommandTransition(.accepted, at: acceptedAt, evidence: .job(queue: queue, messageID: messageID))
            ])
    }
}
