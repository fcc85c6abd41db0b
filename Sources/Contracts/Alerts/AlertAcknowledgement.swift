package import Runtime

/// Somebody has seen an alert: the body of an event `alert.acknowledged.<host>` on `fleet_events`.
package struct AlertAcknowledgement: Sendable, Hashable {
    package var alertID: String
    package var host: String
    /// The principal's name.
    package var by: String
    package var note: String?
    package var at: Timestamp

    /// Characters of a note.
    package static let maximumNote = 1000

    package init(alertID: String, host: String, by: String, note: String?, at: Timestamp) {
        self.alertID = alertID
        self.host = host
        self.by = by
        self.note = note
        self.at = at
    }

    /// - Throws: `JSONError` or `MessageError`.
    package init(json: [UInt8]) throws {
        let root = try JSONDocument(parsing: json).root
        alertID = try root.requiredString("alert_id")
        host = try root.requiredString("host")
        by = try root.requiredString("acknowledged_by")
        note = root["note"]?.string
        at = try root.requiredTimestamp("at")
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 192)
        writer.object { writer in
            writer.member("alert_id", alertID)
            writer.member("host", host)
            writer.member("acknowledged_by", by)
            writer.member("note", note)
            writer.member("at", at)
        }
        return writer.bytes
    }
}

extension AlertAcknowledgement {
    static let schema = Schema.object(
        [
            .init("alert_id", .uuid()),
            .init("host", .text("gpu-7")),
            .init("acknowledged_by", .text("alice")),
            .init("note", .text("The logs are being moved.").nullable),
            .init("at", .time()),
        ], "Somebody has seen an alert."
    ).named("AlertAcknowledgement")
}
