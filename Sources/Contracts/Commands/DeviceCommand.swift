package import Runtime

/// A command as a connector reads it from the command topic, whoever wrote the record.
package struct DeviceCommand: Sendable, Hashable {
    /// Why a record is not delivered.
    package enum Refusal: Error, Hashable {
        /// A device's answer, which is not for devices.
        case feedback
        /// Not a command at all; nothing can be said of it.
        case unreadable(String)
        /// A command that cannot be delivered as it is.
        case malformed(requestID: String, deviceID: String?, reason: String)
    }

    package var requestID: String
    package var deviceID: String
    package var commandType: String
    /// In lower case, such as `mqtt`.
    package var deviceProtocol: String
    /// JSON.
    package var payload: [UInt8]
    /// `metadata.topic`: where to publish it.
    package var topic: String?
    /// `metadata.mqtt_topic`.
    package var mqttTopic: String?
    /// Of the command, or else of its metadata; 0 to 2.
    package var qos: Int?
    package var retain: Bool?
    /// 0 unless given; higher goes first.
    package var priority: Int
    package var expiresAt: Timestamp?
    /// `metadata.response_timeout_seconds`: how long the device's answer is waited for.
    package var answerTimeout: Duration?

    /// The longest wait for an answer, in seconds.
    package static let maximumAnswerSeconds = 7 * 86_400

    /// - Parameters:
    ///   - value: The record's value.
    ///   - expiresAt: The record's header of that name, which holds where the value tells no expiry as well.
    package init(value: [UInt8], expiresAt header: String?) throws(Refusal) {
        guard let root = try? JSONDocument(parsing: value).root, root.kind == .object else {
            throw .unreadable("not a JSON object")
        }
        guard root["command_type"]?.isString("feedback") != true else { throw .feedback }
        guard let id = root["request_id"]?.string, (1...DeviceReport.maximumIDBytes).contains(id.utf8.count) else {
            throw .unreadable("no request id")
        }
        let device = root["device_id"]?.string
        do throws(MessageError) {
            try self.init(root, id: id, expiresAt: header)
        } catch {
            throw .malformed(requestID: id, deviceID: device, reason: error.message)
        }
    }

    private init(_ root: JSONValue, id: String, expiresAt header: String?) throws(MessageError) {
        requestID = id
        deviceID = try root.requiredString("device_id")
        commandType = try root.requiredString("command_type")
        deviceProtocol = try root.requiredString("protocol").lowercased()
        guard let payload = root["payload"], !payload.isNull else { throw MessageError("payload must be there") }
        self.payload = payload.minified
        let metadata = root["metadata"].flatMap { $0.isNull ? nil : $0 }
        guard metadata == nil || metadata?.kind == .object else { throw MessageError("metadata must be an object") }
        topic = try Self.optional(metadata?["topic"], "metadata.topic must be a string") { $0.string }
        mqttTopic = try Self.optional(metadata?["mqtt_topic"], "metadata.mqtt_topic must be a string") { $0.string }
        qos = try Self.either(root, metadata, "qos", "qos must be 0, 1 or 2") { value in
            value.int.flatMap { (0...2).contains($0) ? $0 : nil }
        }
        retain = try Self.either(root, metadata, "retain", "retain must be true or false") { $0.bool }
        let given = try Self.optional(root["priority"], "priority must be an integer") { $0.int }
        priority = given ?? 0
        answerTimeout = try Self.optional(
            metadata?["response_timeout_seconds"], "metadata.response_timeout_seconds must be a number of seconds"
        ) { value in
            value.double.flatMap { (0...Double(Self.maximumAnswerSeconds)).contains($0) ? .seconds($0) : nil }
        }
        expiresAt = try Self.expiry(root["expires_at"], header)
    }

    /// What the command says itself, or else its metadata.
    private static func either<T>(
        _ root: JSONValue, _ metadata: JSONValue?, _ name: String, _ problem: String, _ read: (JSONValue) -> T?
    ) throws(MessageError) -> T? {
        if let own = try optional(root[name], problem, read) { return own }
        return try optional(metadata?[name], problem, read)
    }

    /// The earlier of what the value and the header say. Without a zone it is UTC.
    private static func expiry(_ value: JSONValue?, _ header: String?) throws(MessageError) -> Timestamp? {
        let own = try optional(value, "expires_at must be a time") { value in
            value.string.flatMap { ISODateTime($0)?.timestamp }
        }
        guard let header else { return own }
        guard let given = Timestamp(rfc3339: header) else { throw MessageError("the header expires_at must be a time") }
        return own.map { min($0, given) } ?? given
    }

    private static func optional<T>(
        _ value: JSONValue?, _ problem: String, _ read: (JSONValue) -> T?
    ) throws(MessageError) -> T? {
        guard let value, !value.isNull else { return nil }
        guard let result = read(value) else { throw MessageError(problem) }
        return result
    }
}
