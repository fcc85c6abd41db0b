package import Runtime

/// A change of one setting of the fleet: the body of a record on `fleet_configuration`.
///
/// It holds only if the setting still has the version that it was based on when the record's turn comes; every reader of
/// the log decides so alike. Its key is its own (`SETTING#ID`), so that a change that came too late does not replace the
/// one that holds when the topic is compacted. Records that no longer matter are deleted by an empty value.
package struct ConfigurationChange: Sendable, Hashable {
    /// A UUID.
    package var id: String
    /// The name of the setting, such as `user/alice`.
    package var setting: String
    /// The version that the writer saw; 0 for a setting that was never set.
    package var basedOn: Int64
    /// The new value, a JSON object; nil deletes it.
    package var value: [UInt8]?
    package var changedAt: Timestamp
    /// The id of the principal.
    package var changedBy: String

    package init(
        id: String, setting: String, basedOn: Int64, value: [UInt8]?, changedAt: Timestamp, changedBy: String
    ) {
        self.id = id
        self.setting = setting
        self.basedOn = basedOn
        self.value = value
        self.changedAt = changedAt
        self.changedBy = changedBy
    }

    /// The key of its record.
    package var key: String { "\(setting)#\(id)" }

    /// - Throws: `JSONError` or `MessageError`.
    package init(json: [UInt8]) throws {
        let root = try JSONDocument(parsing: json).root
        id = try root.requiredString("id")
        setting = try root.requiredString("setting")
        basedOn = Int64(try root.requiredInt("based_on"))
        if let value = root["value"], !value.isNull {
            guard value.kind == .object else { throw MessageError("value is not an object") }
            self.value = value.minified
        }
        changedAt = try root.requiredTimestamp("changed_at")
        changedBy = try root.requiredString("changed_by")
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 256 + (value?.count ?? 0))
        writer.object { writer in
            writer.member("id", id)
            writer.member("setting", setting)
            writer.member("based_on", basedOn)
            writer.member("value", raw: value)
            writer.member("changed_at", changedAt)
            writer.member("changed_by", changedBy)
        }
        return writer.bytes
    }
}

extension ConfigurationChange {
    static let schema = Schema.object(
        [
            .init("id", .uuid()),
            .init("setting", .text("user/alice", "The name of the setting.")),
            .init("based_on", .integer(0, "The version that the writer saw; 0 for none.", in: 0...Int.max)),
            .init("value", .map(.anything(), "The new value; null deletes the setting.").nullable),
            .init("changed_at", .time()),
            .init("changed_by", .text("1", "The id of the principal.")),
        ], "Holds only if the setting has still the version that it is based on when the record's turn comes."
    ).named("ConfigurationChange")
}
