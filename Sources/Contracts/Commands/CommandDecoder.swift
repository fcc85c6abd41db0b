import Runtime

/// Turns JSON into command requests and collects everything that is wrong.
///
/// Types and coercions are pydantic's lax mode, with its names for the faults.
struct CommandDecoder {
    private(set) var errors: [ValidationError] = []
    private let now: Timestamp
    private var location: [ValidationError.Element] = []

    init(now: Timestamp) { self.now = now }

    mutating func decodeBatch(_ body: JSONValue) -> [CommandRequest] {
        guard body.kind == .object else {
            fail("model_attributes_type", ["body"], "Input should be a valid dictionary or object", body)
            return []
        }
        for (name, value) in body.members where !(name == "commands") {
            fail("extra_forbidden", ["body", .name(name.string)], "Extra inputs are not permitted", value)
        }
        guard let commands = body["commands"] else {
            fail("missing", ["body", "commands"], "Field required", body)
            return []
        }
        guard commands.kind == .array, let count = commands.count else {
            fail("list_type", ["body", "commands"], "Input should be a valid list", commands)
            return []
        }
        guard count > 0 else {
            fail("too_short", ["body", "commands"], "List should have at least 1 item after validation", commands)
            return []
        }
        guard count <= CommandRequest.maximumBatch else {
            let message = "List should have at most \(CommandRequest.maximumBatch) items after validation"
            errors.append(ValidationError("too_long", at: ["body", "commands"], message))
            return []
        }
        var requests: [CommandRequest] = []
        requests.reserveCapacity(count)
        for (index, command) in commands.elements.enumerated() {
            guard errors.count < CommandRequest.maximumErrors else { break }
            if let request = decode(command, at: ["body", "commands", .index(index)]) { requests.append(request) }
        }
        return requests
    }

    /// The request, or nil when it lacks what it must have; other faults only appear in `errors`.
    mutating func decode(_ body: JSONValue, at location: [ValidationError.Element]) -> CommandRequest? {
        self.location = location
        guard body.kind == .object else {
            fail("model_attributes_type", location, "Input should be a valid dictionary or object", body)
            return nil
        }
        var fields = CommandFields()
        for (name, value) in body.members {
            switch name {
            case "device_id": fields.deviceID = identifier("device_id", value)
            case "command_type": fields.commandType = commandType(value)
            case "payload": fields.payload = object("payload", value)
            case "protocol": fields.deviceProtocol = deviceProtocol(value)
            case "request_id" where !value.isNull: fields.requestID = identifier("request_id", value)
            case "timestamp": fields.timestamp = dateTime("timestamp", value)?.timestamp
            case "metadata" where !value.isNull: fields.metadata = metadata(value)
            case "priority" where !value.isNull: fields.priority = integer("priority", value)
            case "expires_at" where !value.isNull: fields.expiresAt = expiresAt(value)
            case "parser_script_ref" where !value.isNull: fields.parserScript = parserScript(value)
            case "qos" where !value.isNull: fields.qos = qos(value)
            case "retain" where !value.isNull: fields.retain = bool("retain", value)
            case "confirmable" where !value.isNull: fields.confirmable = bool("confirmable", value)
            case "request_id", "metadata", "priority", "expires_at", "parser_script_ref", "qos", "retain",
                "confirmable":
                break
            default: fail("extra_forbidden", name.string, "Extra inputs are not permitted", value)
            }
            switch name {
            case "device_id": fields.seen.insert(.deviceID)
            case "command_type": fields.seen.insert(.commandType)
            case "payload": fields.seen.insert(.payload)
            case "protocol": fields.seen.insert(.deviceProtocol)
            default: break
            }
        }
        for (name, field) in CommandFields.required where !fields.seen.contains(field) {
            fail("missing", name, "Field required", body)
        }
        return fields.request
    }

    // MARK: Fields

    private mutating func commandType(_ value: JSONValue) -> String? {
        guard let text = string("command_type", value) else { return nil }
        guard text.lowercased() != "feedback" else {
            return fail("value_error", "command_type", "Value error, 'feedback' is reserved for devices", value)
        }
        return text
    }

    private mutating func deviceProtocol(_ value: JSONValue) -> CommandRequest.DeviceProtocol? {
        guard let text = string("protocol", value) else { return nil }
        return CommandRequest.DeviceProtocol(rawValue: text.lowercased())
            ?? fail("value_error", "protocol", "Value error, protocol must be 'mqtt' or 'coap'", value)
    }

    private mutating func metadata(_ value: JSONValue) -> JSONValue? {
        guard let object = object("metadata", value) else { return nil }
        for (name, member) in object.members where name == "mqtt_topic" || name == "topic" {
            let path = location + ["metadata", .name(name.string)]
            guard let topic = member.string else {
                fail("string_type", path, "Input should be a valid string", member)
                continue
            }
            if topic.isEmpty || topic.utf8.contains(where: { [UInt8(ascii: "+"), UInt8(ascii: "#"), 0].contains($0) }) {
                fail("value_error", path, "Value error, a topic to publish to has no wildcards", member)
            }
        }
        return object
    }

    private mutating func expiresAt(_ value: JSONValue) -> ISODateTime? {
        guard let time = dateTime("expires_at", value) else { return nil }
        guard time.timestamp > now else {
            return fail("value_error", "expires_at", "Value error, expires_at is in the past", value)
        }
        return time
    }

    private mutating func parserScript(_ value: JSONValue) -> String? {
        guard let text = string("parser_script_ref", value) else { return nil }
        let isName = !text.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") || $0 < 0x20 }
        guard isName, text.hasSuffix(".py"), !text.hasPrefix("."), text.utf8.count <= 255 else {
            return fail(
                "value_error", "parser_script_ref", "Value error, must be the name of a .py file, without a path", value
            )
        }
        return text
    }

    private mutating func qos(_ value: JSONValue) -> Int? {
        guard let number = integer("qos", value) else { return nil }
        if number < 0 {
            return fail("greater_than_equal", "qos", "Input should be greater than or equal to 0", value)
        }
        if number > 2 { return fail("less_than_equal", "qos", "Input should be less than or equal to 2", value) }
        return number
    }

    // MARK: Types

    private mutating func string(_ name: String, _ value: JSONValue) -> String? {
        value.string ?? fail("string_type", name, "Input should be a valid string", value)
    }

    private mutating func identifier(_ name: String, _ value: JSONValue) -> String? {
        guard let text = string(name, value) else { return nil }
        if text.isEmpty {
            return fail("string_too_short", name, "String should have at least 1 character", value)
        }
        if text.utf8.count > 255 { return fail("string_too_long", name, "String should have at most 255 bytes", value) }
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            return fail("value_error", name, "Value error, control characters are not allowed", value)
        }
        return text
    }

    private mutating func object(_ name: String, _ value: JSONValue) -> JSONValue? {
        value.kind == .object ? value : fail("dict_type", name, "Input should be a valid dictionary", value)
    }

    private mutating func integer(_ name: String, _ value: JSONValue) -> Int? {
        switch value.kind {
        case .integer: return value.int ?? fail("int_parsing_size", name, "Integer is too large", value)
        case .bool: return value.bool == true ? 1 : 0
        case .double:
            guard let number = value.double.flatMap(Int.init(exactly:)) else {
                return fail(
                    "int_from_float", name, "Input should be a valid integer, got a number with a fractional part",
                    value)
            }
            return number
        case .string:
            return Int((value.string ?? "").trimmed)
                ?? fail(
                    "int_parsing", name, "Input should be a valid integer, unable to parse string as an integer", value)
        default: return fail("int_type", name, "Input should be a valid integer", value)
        }
    }

    private mutating func bool(_ name: String, _ value: JSONValue) -> Bool? {
        switch value.kind {
        case .bool: return value.bool
        case .integer, .double:
            if value.double == 0 { return false }
            if value.double == 1 { return true }
        case .string:
            switch value.string?.lowercased() {
            case "0", "off", "f", "false", "n", "no": return false
            case "1", "on", "t", "true", "y", "yes": return true
            default: break
            }
        default: return fail("bool_type", name, "Input should be a valid boolean", value)
        }
        return fail("bool_parsing", name, "Input should be a valid boolean, unable to interpret input", value)
    }

    private mutating func dateTime(_ name: String, _ value: JSONValue) -> ISODateTime? {
        let message = "Input should be a valid datetime or date"
        switch value.kind {
        case .integer, .double:
            return value.double.flatMap(ISODateTime.init(unix:)) ?? fail("datetime_parsing", name, message, value)
        case .string:
            return value.string.flatMap { ISODateTime($0) } ?? fail("datetime_from_date_parsing", name, message, value)
        default: return fail("datetime_type", name, "Input should be a valid datetime", value)
        }
    }

    // MARK: Faults

    private mutating func fail<T>(_ type: String, _ name: String, _ message: String, _ input: JSONValue) -> T? {
        fail(type, location + [.name(name)], message, input)
        return nil
    }

    private mutating func fail(_ type: String, _ name: String, _ message: String, _ input: JSONValue) {
        fail(type, location + [.name(name)], message, input)
    }

    private mutating func fail(
        _ type: String, _ location: [ValidationError.Element], _ message: String, _ input: JSONValue
    ) {
        guard errors.count < CommandRequest.maximumErrors else { return }
        errors.append(ValidationError(type, at: location, message, input: input))
    }
}

extension String {
    /// Without the blanks around it.
    fileprivate var trimmed: Substring {
        var rest = self[...]
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}

/// The fields of one command while they are read.
private struct CommandFields {
    var seen: Set = []
    var deviceID: String?
    var commandType: String?
    var payload: JSONValue?
    var deviceProtocol: CommandRequest.DeviceProtocol?
    var requestID: String?
    var timestamp: Timestamp?
    var metadata: JSONValue?
    var priority: Int?
    var expiresAt: ISODateTime?
    var parserScript: String?
    var qos: Int?
    var retain: Bool?
    var confirmable: Bool?

    /// Fields that must be there.
    struct Set: OptionSet {
        let rawValue: UInt8
        static let deviceID = Set(rawValue: 1)
        static let commandType = Set(rawValue: 2)
        static let payload = Set(rawValue: 4)
        static let deviceProtocol = Set(rawValue: 8)
    }

    static let required: [(String, Set)] = [
        ("device_id", .deviceID), ("command_type", .commandType), ("payload", .payload), ("protocol", .deviceProtocol),
    ]

    var request: CommandRequest? {
        guard let deviceID, let commandType, let payload, let deviceProtocol else { return nil }
        return CommandRequest(
            deviceID: deviceID, commandType: commandType, payload: payload, deviceProtocol: deviceProtocol,
            requestID: requestID, timestamp: timestamp, metadata: metadata, priority: priority, expiresAt: expiresAt,
            parserScript: parserScript, qos: qos, retain: retain, confirmable: confirmable)
    }
}
