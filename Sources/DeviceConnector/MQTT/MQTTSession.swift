import CMosquitto
import Glibc
import Runtime

/// The loop of a link's thread.
final class MQTTSession {
    /// What was given to the library and not answered.
    private struct Sent {
        var token: Int
        var qos: Int
        var expiresAt: Timestamp?
    }

    /// How often the library looks after its keep-alive, in milliseconds.
    private static let tick: Int32 = 1000

    private let configuration: MQTTConfiguration
    private let filter: String?
    private let longestMessage: Int
    private let queues: MQTTLinkQueues
    private let time: any TimeSource
    private var client: MQTTClient?
    /// The broker has accepted the connection.
    private var isConnected = false
    private var attempt = 0
    /// By uptime.
    private var nextAttempt: Duration = .zero
    private var sent: [Int32: Sent] = [:]

    init(
        _ configuration: MQTTConfiguration, filter: String?, longestMessage: Int, queues: MQTTLinkQueues,
        time: any TimeSource
    ) {
        self.configuration = configuration
        self.filter = filter
        self.longestMessage = longestMessage
        self.queues = queues
        self.time = time
    }

    /// Works until a stop is asked.
    func run() {
        while !queues.isStopping {
            do throws(MQTTError) {
                if (client?.socket ?? -1) < 0, time.uptime >= nextAttempt { try connect() }
                try wait()
                publish()
                notice()
            } catch {
                // What came before the end is told first.
                notice()
                lost(error.description)
            }
        }
        client?.disconnect()
        notice()
    }

    private func connect() throws(MQTTError) {
        isConnected = false
        let now = time.now
        if sent.values.contains(where: { $0.expiresAt.map { $0 <= now } ?? false }) { returnAll() }
        if client == nil { client = try MQTTClient(configuration, longestMessage: longestMessage) }
        try client?.connect()
    }

    /// Gives up the client with everything it would send again.
    private func returnAll() {
        client = nil
        queues.emit(sent.values.map { .returned(token: $0.token) })
        sent.removeAll()
    }

    /// Waits for the socket, for messages or for a deadline, and lets the library work.
    private func wait() throws(MQTTError) {
        let socket = client?.socket ?? -1
        var wanted = Int16(queues.isFull ? 0 : POLLIN)
        if client?.wantsToWrite == true { wanted |= Int16(POLLOUT) }
        var descriptors = [
            pollfd(fd: queues.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: wanted, revents: 0),
        ]
        let ready = poll(&descriptors, socket < 0 ? 1 : 2, socket < 0 ? millisecondsToAttempt : Self.tick)
        guard let client, socket >= 0 else { return }
        let events = ready > 0 ? Int32(descriptors[1].revents) : 0
        try client.work(canRead: events & (POLLIN | POLLHUP | POLLERR) != 0, canWrite: events & POLLOUT != 0)
    }

    private var millisecondsToAttempt: Int32 {
        let left = max(nextAttempt - time.uptime, .zero)
        return Int32(clamping: Int((left / .milliseconds(1)).rounded(.up)))
    }

    private func publish() {
        for (token, message) in queues.takeMessages() {
            guard isConnected, let client else {
                queues.emit([.returned(token: token)])
                continue
            }
            do throws(MQTTError) {
                let mid = try client.publish(message, now: time.now)
                if let other = sent[mid] { queues.emit([.returned(token: other.token)]) }
                sent[mid] = Sent(token: token, qos: message.qos, expiresAt: message.expiresAt)
            } catch {
                // Without a connection the message is fine.
                queues.emit([
                    client.socket < 0 ? .returned(token: token) : .refused(token: token, reason: error.description)
                ])
            }
        }
    }

    private func notice() {
        guard let client else { return }
        let now = time.now
        var events: [MQTTLink.Event] = []
        for notice in client.takeNotices() {
            switch notice {
            case .connected(0):
                isConnected = true
                attempt = 0
                subscribe(client, &events)
                events.append(.connected)
            case .connected(let code): refused(MQTTError.reason(code), &events)
            case .published(let mid, let code):
                guard let message = sent.removeValue(forKey: mid) else { continue }
                events.append(
                    code >= 0x80
                        ? .refused(token: message.token, reason: "the broker: \(MQTTError.reason(code))")
                        : .acknowledged(
                            token: message.token, mid: Int(mid),
                            reason: code == Int32(MQTT_RC_NO_MATCHING_SUBSCRIBERS.rawValue) ? "no subscriber" : nil,
                            at: now))
            case .subscribed(let codes):
                if codes.contains(where: { $0 >= 0x80 }) {
                    events.append(.subscriptionRefused("the broker refused \(filter ?? "")"))
                }
            case .message(let topic, let payload):
                events.append(.message(topic: topic, payload: payload, at: now))
            }
        }
        queues.emit(events)
    }

    private func subscribe(_ client: MQTTClient, _ events: inout [MQTTLink.Event]) {
        guard let filter else { return }
        do throws(MQTTError) { try client.subscribe(filter) } catch {
            events.append(.subscriptionRefused(error.description))
        }
    }

    private func refused(_ reason: String, _ events: inout [MQTTLink.Event]) {
        isConnected = false
        events.append(.disconnected("the broker refuses the connection: \(reason)", isRefusal: true))
        // The library closes the connection next, which is told already.
        attempt += 1
        nextAttempt = time.uptime + (configuration.backoff.delay(attempt: attempt) ?? configuration.backoff.maximum)
    }

    private func lost(_ reason: String) {
        let wasRefused = nextAttempt > time.uptime
        isConnected = false
        // What has no acknowledgement is not sent again by the library.
        for (mid, message) in sent where message.qos == 0 {
            sent[mid] = nil
            queues.emit([.returned(token: message.token)])
        }
        guard !wasRefused else { return }
        attempt += 1
        nextAttempt = time.uptime + (configuration.backoff.delay(attempt: attempt) ?? configuration.backoff.maximum)
        queues.emit([.disconnected(reason, isRefusal: false)])
    }
}
