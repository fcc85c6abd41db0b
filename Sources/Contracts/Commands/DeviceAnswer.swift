/// A device's answer to a command, as it publishes it: `{"status":"acknowledged"|"rejected","request_id","reason"}`.
///
/// The last two may be left out: the topic that it comes on may tell the request id.
package struct DeviceAnswer: Sendable, Hashable {
    /// A longer answer is refused, a longer reason cut.
    package static let maximumBytes = 64 << 10
    private static let reasonCharacters = 500

    /// `acknowledged` or `rejected`.
    package var state: CommandState
    package var requestID: String?
    package var reason: String?

    /// Decodes an answer.
    /// - Throws: `JSONError` or `MessageError`.
    package init(message: [UInt8]) throws {
        guard message.count <= Self.maximumBytes else { throw MessageError("an answer must be shorter") }
        let root = try JSONDocument(parsing: message).root
        state = try root.required("status", "acknowledged or rejected") { value in
            value.isString("acknowledged") ? .acknowledged : value.isString("rejected") ? .rejected : nil
        }
        requestID = root["request_id"]?.string
        reason = (root["reason"]?.string).map { String($0.prefix(Self.reasonCharacters)) }
    }
}
