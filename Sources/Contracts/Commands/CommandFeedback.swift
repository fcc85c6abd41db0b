/// A device's answer to a command: a record with the command type `feedback` on the command topic.
package struct CommandFeedback: Sendable, Hashable {
    /// The command's request id. The device id of such a record is not the device's: only the request id counts.
    package var requestID: String
    /// The device's word: `success`, anything else is a refusal.
    package var word: String

    package var state: CommandState { word == "success" ? .acknowledged : .rejected }

    /// Why a command was refused, as a status says it.
    package var reason: String { "the device answered: \(word)" }

    /// Reads the record's value; nil when it is a command, or not JSON at all.
    package init?(record: [UInt8]) {
        guard let root = try? JSONDocument(parsing: record).root,
            root["command_type"]?.isString("feedback") == true,
            let id = root["request_id"]?.string ?? root["payload"]?["request_id"]?.string, !id.isEmpty
        else { return nil }
        requestID = id
        let status = root["payload"]?["status"]
        word = status?.string ?? status?.int.map { $0 == 1 ? "success" : "error" } ?? "unknown"
    }
}
