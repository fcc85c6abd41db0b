package import Runtime

/// One command as a client sends it, checked.
///
/// Payload and metadata stay values of the request's document and are copied only into the record.
package struct CommandRequest: Sendable {
    /// 1 to 255 bytes.
    package var deviceID: String
    package var commandType: String
    /// An object.
    package var payload: JSONValue
    package var deviceProtocol: DeviceProtocol
    /// The client's own id, 1 to 255 bytes; nil to have one made.
    package var requestID: String?
    /// When the client made it; nil is now.
    package var timestamp: Timestamp?
    /// An object.
    package var metadata: JSONValue?
    package var priority: Int?
    package var expiresAt: ISODateTime?
    package var parserScript: String?
    /// 0 to 2.
    package var qos: Int?
    package var retain: Bool?
    package var confirmable: Bool?

    /// How the device is spoken to.
    package enum DeviceProtocol: String, Sendable {
        case mqtt, coap

        /// Whether a device can answer a command: CoAP devices have no feedback.
        package var hasFeedback: Bool { self == .mqtt }
    }

    /// Most commands of one batch.
    package static let maximumBatch = 10_000

    /// Most faults that are listed; a batch could have many times as many.
    package static let maximumErrors = 1000

    /// Decodes and checks the body of `POST /api/v1/commands`.
    /// - Parameter now: what `expires_at` is compared with.
    /// - Throws: everything that is wrong with it.
    package static func single(_ body: JSONValue, now: Timestamp) throws(ValidationErrors) -> CommandRequest {
        var decoder = CommandDecoder(now: now)
        guard let request = decoder.decode(body, at: ["body"]), decoder.errors.isEmpty else {
            throw ValidationErrors(decoder.errors)
        }
        return request
    }

    /// Decodes and checks the body of `POST /api/v1/commands/batch`: `{"commands": [command…]}`, nothing else.
    /// - Throws: everything that is wrong with it; one bad command refuses the whole body.
    package static func batch(_ body: JSONValue, now: Timestamp) throws(ValidationErrors) -> [CommandRequest] {
        var decoder = CommandDecoder(now: now)
        let requests = decoder.decodeBatch(body)
        guard decoder.errors.isEmpty else { throw ValidationErrors(decoder.errors) }
        return requests
    }
}
