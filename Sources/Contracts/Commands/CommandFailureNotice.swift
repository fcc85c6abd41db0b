package import Runtime

/// A command has ended badly: the body of an event on `fleet_events`.
///
/// Its routing key is `StreamNames.commandFailed(device:)`. Whoever decides the end publishes it: the pusher, a connector,
/// or the ingresses for a device's word on the command topic. It may come more than once, with the same message id.
package struct CommandFailureNotice: Sendable, Hashable {
    package var requestID: String
    package var deviceID: String
    package var commandType: String
    /// `rejected`, `failed`, `expired` or another end that is none of success.
    package var state: CommandState
    /// Why, in a few words.
    package var reason: String
    package var at: Timestamp

    package init(
        requestID: String, deviceID: String, commandType: String, state: CommandState, reason: String, at: Timestamp
    ) {
        self.requestID = requestID
        self.deviceID = deviceID
        self.commandType = commandType
        self.state = state
        self.reason = reason
        self.at = at
    }

    /// - Throws: `JSONError` or `MessageError`.
    package init(json: [UInt8]) throws {
        let root = try JSONDocument(parsing: json).root
        requestID = try root.requiredString("request_id")
        deviceID = try root.requiredString("device_id")
        commandType = try root.requiredString("command_type")
        state = try root.required("status", "a state") { $0.string.flatMap(CommandState.init(rawValue:)) }
        reason = try root.requiredString("reason")
        at = try root.requiredTimestamp("at")
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.member("request_id", requestID)
            writer.member("device_id", deviceID)
            writer.member("command_type", commandType)
            writer.member("status", state.rawValue)
            writer.member("reason", reason)
            writer.member("at", at)
        }
        return writer.bytes
    }

    /// The same for the same end of the same command, of at most 255 bytes.
    package var messageID: String {
        let id = requestID.utf8.count <= Self.longestID ? requestID : Self.shortened(requestID)
        return "command.\(state.rawValue).\(id)"
    }

    private static let longestID = 200

    /// The beginning of a text, and FNV-1a (Fowler, Noll, Vo) of 64 bits of all of it.
    private static func shortened(_ text: String) -> String {
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0100_0000_01b3 }
        return String(decoding: text.utf8.prefix(150), as: UTF8.self) + "#" + String(hash, radix: 16)
    }
}

extension CommandFailureNotice {
    static let schema = Schema.object(
        [
            .init("request_id", .text("01936b4e7c1d7b5a9d3e2f8a4c6e1b07")),
            .init("device_id", .text("sensor-17")),
            .init("command_type", .text("reboot")),
            .init("status", .words(CommandState.allCases.filter(\.isBad).map(\.rawValue))),
            .init("reason", .text("not published before its expiry")),
            .init("at", .time()),
        ], "A command has ended badly."
    ).named("CommandFailureNotice")
}

extension CommandState {
    /// Whether it is an end, and none that anybody asked for.
    package var isBad: Bool { isFinal && self != .acknowledged && self != .cancelled }
}

extension StreamNames {
    /// The routing key of a command's failure; what a word of a key cannot hold is `_` in it.
    package static func commandFailed(device: String) -> String {
        let word = device.utf8.prefix(200).map { byte -> Character in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                Character(UnicodeScalar(byte))
            default: "_"
            }
        }
        return "command.failed." + String(word)
    }
}
