/// What went wrong on the bus.
public struct BusError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// The transport cannot be reached or cannot write now.
        case unavailable
        /// Sent, and not confirmed in time: the broker may or may not have stored it.
        case unconfirmed
        /// The broker refuses this client: credentials, virtual host, permission or certificate.
        case accessRefused
        /// The disk under the embedded transport is full.
        case diskFull
        /// The queue holds as many jobs as it may.
        case queueFull
        /// The body or record is larger than the port or the broker takes.
        case messageTooLarge
        /// Nobody has declared the queue.
        case unknownQueue
        /// Nobody has declared the exchange.
        case unknownExchange
        /// Nobody has created the topic.
        case unknownTopic
        /// An empty or overlong name, or a malformed topic pattern.
        case invalidName
        /// The partition is no longer this consumer's.
        case rebalanced
        /// The bus was closed.
        case closed
        /// The store is damaged.
        case corrupt
        /// An option the transport does not have, or a store that a newer version has written.
        case unsupported
    }

    /// The kind of failure.
    public var code: Code
    /// What happened, in one sentence; without credentials and without payload.
    public var message: String
    /// The C library's own code, if one was involved.
    public var underlyingCode: Int?
    /// Whether the same call may succeed later.
    public var isRetriable: Bool { [.unavailable, .unconfirmed, .diskFull, .queueFull, .rebalanced].contains(code) }
    /// Whether the transport must be replaced.
    public var isFatal: Bool { [.closed, .corrupt].contains(code) }

    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - message: One sentence, without credentials and without payload.
    ///   - underlyingCode: The C library's own code, if one was involved.
    public init(_ code: Code, _ message: String, underlyingCode: Int? = nil) {
        self.code = code
        self.message = message
        self.underlyingCode = underlyingCode
    }

    /// The code, the message and the underlying code in one line.
    public var description: String {
        "\(code.rawValue): \(message)" + (underlyingCode.map { " (code \($0))" } ?? "")
    }
}
