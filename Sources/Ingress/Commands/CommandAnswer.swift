internal import Contracts
internal import HTTPKit
internal import Runtime

/// What a client is told of one command it sent.
struct CommandAnswer: Sendable {
    let isSuccess: Bool
    let requestID: String
    let message: String
    /// When the command was accepted; the same in every answer to one key.
    let timestamp: Timestamp
    /// A state, or `conflict`.
    let status: String

    init(requestID: String, state: CommandState, acceptedAt: Timestamp) {
        self.requestID = requestID
        timestamp = acceptedAt
        status = state.rawValue
        switch state {
        case .accepted:
            isSuccess = true
            message = "Command accepted; it will be published"
        case .published:
            isSuccess = true
            message = "Command published"
        case .acknowledged:
            isSuccess = true
            message = "Command acknowledged by the device"
        case .rejected:
            isSuccess = false
            message = "Command rejected by the device"
        case .timedOut:
            isSuccess = false
            message = "Command published; the device did not answer in time"
        case .failed:
            isSuccess = false
            message = "Command could not be published or delivered"
        case .cancelled:
            isSuccess = false
            message = "Command cancelled before it was published"
        case .expired:
            isSuccess = false
            message = "Command expired before it was published or delivered"
        }
    }

    /// The key belongs to another command.
    static func conflict(_ requestID: String, at time: Timestamp) -> CommandAnswer {
        CommandAnswer(
            isSuccess: false, requestID: requestID, message: "The key was used for another command", timestamp: time,
            status: "conflict")
    }

    /// Another request with the key could not make the command durable.
    static func notStored(_ requestID: String, at time: Timestamp) -> CommandAnswer {
        CommandAnswer(
            isSuccess: false, requestID: requestID, message: "Command could not be stored; send it again",
            timestamp: time, status: CommandState.failed.rawValue)
    }

    private init(isSuccess: Bool, requestID: String, message: String, timestamp: Timestamp, status: String) {
        self.isSuccess = isSuccess
        self.requestID = requestID
        self.message = message
        self.timestamp = timestamp
        self.status = status
    }

    /// 200 when it is known what became of the command, 202 while it is only accepted.
    var response: HTTPResponse {
        var writer = JSONWriter(capacity: 192)
        write(to: &writer)
        guard status == CommandState.accepted.rawValue else { return .json(writer.bytes) }
        var response = HTTPResponse.json(writer.bytes, status: 202)
        if let path = Self.pathSegment(requestID) {
            response.headers.append("Location", "/api/v1/commands/\(path)/status")
        }
        return response
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("success", isSuccess)
        writer.member("request_id", requestID)
        writer.member("message", message)
        writer.member("timestamp", timestamp)
        writer.member("status", status)
        writer.endObject()
    }

    /// An id that needs no percent-encoding; a client that chose another knows its own.
    private static func pathSegment(_ id: String) -> String? {
        id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        } ? id : nil
    }
}
