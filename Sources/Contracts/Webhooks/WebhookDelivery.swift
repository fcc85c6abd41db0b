/// A change of an alert on its way to one URL: the body of a job on `alert.webhooks`.
///
/// Its id is made of the alert, the revision and the URL, so that a job that is there twice is one to the receiver.
package struct WebhookDelivery: Sendable, Hashable {
    /// The header `webhook-id`, and the id of the job.
    package let id: String
    /// It may hold what is secret.
    package let url: String
    package let change: AlertChange

    package init(of change: AlertChange, to url: String) {
        id = "\(change.alertID).\(change.revision).\(Self.shortHash(url))"
        self.url = url
        self.change = change
    }

    /// What is sent where when an alert changes, one for each URL.
    package static func deliveries(of change: AlertChange, to urls: [String]) -> [WebhookDelivery] {
        urls.map { WebhookDelivery(of: change, to: $0) }
    }

    /// - Throws: `JSONError` or `MessageError`.
    package init(json: [UInt8]) throws {
        try self.init(JSONDocument(parsing: json).root)
    }

    package init(_ value: JSONValue) throws(MessageError) {
        id = try value.requiredString("id")
        url = try value.requiredString("url")
        change = try AlertChange(try value.requiredObject("change"))
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 768)
        write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("url", url)
            writer.name("change")
            change.write(to: &writer)
        }
    }

    /// What the receiver gets, the same at every attempt: the form that Standard Webhooks recommends.
    package var payload: [UInt8] {
        var writer = JSONWriter(capacity: 640)
        writer.object { writer in
            writer.member("type", "alert.\(change.change.rawValue)")
            writer.member("timestamp", change.at)
            writer.name("data")
            change.write(to: &writer)
        }
        return writer.bytes
    }

    /// FNV-1a of 64 bits (http://www.isthe.com/chongo/tech/comp/fnv), in 16 hexadecimal digits: tells URLs apart.
    private static func shortHash(_ text: String) -> String {
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension WebhookDelivery {
    static let schema = Schema.object(
        [
            .init("id", .text("01936b4e-7c1d-7b5a-9d3e-2f8a4c6e1b07.1.3c9f0a5b7d2e4f61", "The header `webhook-id`.")),
            .init("url", .text("https://hooks.example.com/flotilla")),
            .init("change", AlertChange.schema),
        ], "A change of an alert on its way to one URL."
    ).named("WebhookDelivery")
}
