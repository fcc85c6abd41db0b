internal import CRdKafka
internal import Runtime
internal import Synchronization

/// Knows whether the cluster can be reached, from what the clients report and what the probe finds.
final class ConnectionWatch: Sendable {
    private struct State {
        var health: ConnectionHealth
        /// The last broker's error, which says more than that all are down.
        var lastError: BusError?
        var lastSuccess: Duration
    }

    private let time: any TimeSource
    private let logger: Logger
    private let state: Mutex<State>

    init(time: any TimeSource, logger: Logger) {
        self.time = time
        self.logger = logger
        let health = ConnectionHealth(
            transport: .kafka, state: .connecting, reason: "not connected yet", since: time.now)
        state = Mutex(State(health: health, lastSuccess: .zero))
    }

    var health: ConnectionHealth { state.withLock { $0.health } }

    /// The last error, if it was a refusal and nothing succeeded since.
    var refusal: BusError? {
        state.withLock { $0.lastError?.code == .accessRefused ? $0.lastError : nil }
    }

    var isClosed: Bool { state.withLock { $0.health.state == .closed } }

    /// Whether something was answered since then.
    func hasSucceeded(since uptime: Duration) -> Bool { state.withLock { $0.lastSuccess >= uptime } }

    /// A broker answered.
    func succeeded() {
        change { state in
            state.lastSuccess = time.uptime
            state.lastError = nil
            return (.connected, nil)
        }
    }

    /// A client reported an error of a broker's connection.
    func failed(_ error: rd_kafka_resp_err_t, _ text: String) {
        change { state in
            if error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN {
                return (.connecting, state.lastError?.message ?? "no broker can be reached")
            }
            state.lastError = BusError(
                BusError.Code(error), Self.explained(text), underlyingCode: Int(error.rawValue))
            return nil
        }
    }

    /// A listener without TLS hangs up on a handshake. Whether librdkafka says what that may mean depends on how.
    private static func explained(_ text: String) -> String {
        let hungUp = text.contains("SSL_HANDSHAKE") && text.contains("Disconnected") && !text.contains("PLAINTEXT")
        return hungUp ? "\(text): connecting to a PLAINTEXT listener?" : text
    }

    /// The probe found no broker that answers.
    func isAway(_ error: BusError) {
        change { state in (.connecting, state.lastError?.message ?? error.message) }
    }

    func close() {
        change { _ in (.closed, "the client is closed") }
    }

    private func change(_ transition: (inout State) -> (ConnectionHealth.State, reason: String?)?) {
        let changed: ConnectionHealth? = state.withLock { state in
            guard state.health.state != .closed, let (new, reason) = transition(&state) else { return nil }
            let isChange = state.health.state != new
            if isChange { state.health.since = time.now }
            state.health.state = new
            state.health.reason = reason
            return isChange ? state.health : nil
        }
        guard let changed else { return }
        switch changed.state {
        case .connecting, .blocked: logger.warning("kafka_disconnected", ["reason": "\(changed.reason ?? "")"])
        case .connected: logger.info("kafka_connected")
        case .closed: break
        }
    }
}
