import Runtime

/// A connection to a broker that comes back by itself, on a thread of its own.
///
/// A message that is sent is answered by one event: `acknowledged`, `refused` or `returned`. While the broker is away
/// the library keeps the messages that were under way and sends them again, once more than the broker may have had them;
/// when one of them has expired meanwhile all are returned instead.
final class MQTTLink: Sendable {
    enum Event: Sendable {
        case connected
        /// With the reason, and whether the broker gave it.
        case disconnected(String, isRefusal: Bool)
        /// Nothing can be heard on a topic.
        case subscriptionRefused(String)
        /// By the broker; of quality 0: it was sent. With the reason that a broker adds to its acknowledgement.
        case acknowledged(token: Int, mid: Int, reason: String?, at: Timestamp)
        /// By the broker, or by the library for what the message is.
        case refused(token: Int, reason: String)
        /// It was not sent, or nobody knows whether it arrived.
        case returned(token: Int)
        case message(topic: String, payload: [UInt8], at: Timestamp)
    }

    private let queues: MQTTLinkQueues
    private let thread = BlockingThread(name: "mqtt")

    /// Starts to connect.
    /// - Parameters:
    ///   - filter: What is subscribed to; nil for nothing.
    ///   - longestMessage: Bytes of a message that are kept.
    init(
        _ configuration: MQTTConfiguration, filter: String?, longestMessage: Int, time: any TimeSource
    ) throws(MQTTError) {
        let queues = try MQTTLinkQueues()
        self.queues = queues
        thread.submit {
            MQTTSession(configuration, filter: filter, longestMessage: longestMessage, queues: queues, time: time).run()
            queues.end()
        }
    }

    func send(_ message: MQTTMessage, token: Int) { queues.send(message, token: token) }

    /// The next events; nil when the link has ended. One caller at a time.
    func events() async -> [Event]? { await queues.events() }

    /// Disconnects; the events end when that is done.
    func stop() { queues.stop() }
}
