import Contracts
import Runtime
import Synchronization

@testable import DeviceConnector

/// A client of the broker that listens to some topics and answers.
final class TestDevice: Sendable {
    struct Received: Sendable, Hashable {
        var topic: String
        var payload: String
    }

    private let link: MQTTLink
    private let heard: AsyncStream<Received>
    private let reading: Task<Void, Never>
    private let received = Mutex<[Received]>([])

    /// Connects, and subscribes to a filter.
    init(port: Int, name: String = "device", filter: String) async throws {
        var configuration = MQTTConfiguration(host: "127.0.0.1", port: port)
        configuration.clientID = name
        configuration.backoff = RetryPolicy(initial: .milliseconds(10), maximum: .milliseconds(100))
        let link = try MQTTLink(configuration, filter: filter, longestMessage: 1 << 20, time: SystemTime())
        self.link = link
        let (heard, stream) = AsyncStream<Received>.makeStream()
        let (connected, isConnected) = AsyncStream<Void>.makeStream()
        self.heard = heard
        reading = Task {
            while let events = await link.events() {
                for event in events {
                    switch event {
                    case .connected: isConnected.yield()
                    case .message(let topic, let payload, _):
                        stream.yield(Received(topic: topic, payload: String(decoding: payload, as: UTF8.self)))
                    case .disconnected, .subscriptionRefused, .acknowledged, .refused, .returned: break
                    }
                }
            }
            stream.finish()
            isConnected.finish()
        }
        for await _ in connected { break }
    }

    deinit { link.stop() }

    /// The next messages, until there are so many in all.
    func messages(_ count: Int) async -> [Received] {
        var iterator = heard.makeAsyncIterator()
        while received.withLock({ $0.count }) < count, let next = await iterator.next() {
            received.withLock { $0.append(next) }
        }
        return received.withLock { $0 }
    }

    func publish(_ payload: String, to topic: String) {
        let message = MQTTMessage(
            topic: topic, payload: Array(payload.utf8), qos: 1, retain: false, expiresAt: nil, answerTopic: nil,
            correlation: "")
        link.send(message, token: 0)
    }

    /// Answers a command of a device on the standard topic.
    func answer(_ id: String, _ status: String = "acknowledged", device: String = "d", reason: String? = nil) {
        let more = reason.map { #","reason":"\#($0)""# } ?? ""
        publish(#"{"status":"\#(status)"\#(more)}"#, to: "devices/\(device)/commands/\(id)/ack")
    }
}
