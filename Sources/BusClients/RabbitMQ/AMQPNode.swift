/// One broker node and how to log in to it.
struct AMQPNode: Sendable, Hashable, CustomStringConvertible {
    var host: String
    var port: Int
    var virtualHost: String
    var user: String
    var password: Password
    /// Nil without TLS.
    var security: Security?

    /// What TLS checks.
    struct Security: Sendable, Hashable {
        /// A PEM file; nil for the system's authorities.
        var authorities: String?
        var verifiesPeer: Bool
    }

    /// As errors and logs name it.
    var address: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    var description: String { "\(security == nil ? "amqp" : "amqps")://\(user)@\(address)/\(virtualHost)" }
}

/// A text that no description and no reflection shows.
struct Password: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    let text: String

    init(_ text: String) { self.text = text }

    var description: String { "•••" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
