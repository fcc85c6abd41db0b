import CMosquitto
import Glibc
import Runtime

/// One client of libmosquitto, with its messages that no broker has acknowledged yet; it sends those again when it is
/// connected again. Belongs to the thread that uses it first.
final class MQTTClient {
    /// What the library told, in order.
    enum Notice {
        /// 0, or why the broker refused.
        case connected(Int32)
        /// A message was sent (of quality 0) or acknowledged, with the broker's code.
        case published(mid: Int32, code: Int32)
        /// The broker's codes for a subscription.
        case subscribed([Int32])
        case message(topic: String, payload: [UInt8])
    }

    /// Bytes of a message that are kept; one more than any answer has.
    private let longestMessage: Int
    private let configuration: MQTTConfiguration
    private let raw: OpaquePointer
    private var notices: [Notice] = []
    /// A lasting file of the authorities' certificates: the library reads them from a path.
    private var authorities: Int32 = -1
    private static let library = mosquitto_lib_init()

    init(_ configuration: MQTTConfiguration, longestMessage: Int) throws(MQTTError) {
        try MQTTError.check(Self.library)
        guard let raw = mosquitto_new(configuration.clientID, false, nil) else {
            throw MQTTError(code: MOSQ_ERR_ERRNO.rawValue)
        }
        self.raw = raw
        self.configuration = configuration
        self.longestMessage = longestMessage
        mosquitto_user_data_set(raw, Unmanaged.passUnretained(self).toOpaque())
        try configure()
        listen()
    }

    deinit {
        mosquitto_destroy(raw)
        if authorities >= 0 { close(authorities) }
    }

    /// -1 without a connection.
    var socket: Int32 { mosquitto_socket(raw) }
    var wantsToWrite: Bool { mosquitto_want_write(raw) }

    func takeNotices() -> [Notice] {
        defer { notices.removeAll() }
        return notices
    }

    // MARK: Setting up

    private var isFive: Bool { configuration.version == .five }

    private func configure() throws(MQTTError) {
        let version = isFive ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311
        try MQTTError.check(mosquitto_int_option(raw, MOSQ_OPT_PROTOCOL_VERSION, version))
        try MQTTError.check(mosquitto_int_option(raw, MOSQ_OPT_TCP_NODELAY, 1))
        // What waits is bounded by who publishes.
        try MQTTError.check(mosquitto_max_inflight_messages_set(raw, 0))
        if configuration.username != nil || configuration.password != nil {
            try MQTTError.check(mosquitto_username_pw_set(raw, configuration.username ?? "", configuration.password))
        }
        guard configuration.usesTLS else { return }
        if let certificates = configuration.authorities {
            authorities = flotilla_memory_file()
            guard authorities >= 0, write(authorities, certificates, certificates.count) == certificates.count else {
                throw MQTTError(code: MOSQ_ERR_ERRNO.rawValue)
            }
            try MQTTError.check(mosquitto_tls_set(raw, "/proc/self/fd/\(authorities)", nil, nil, nil, nil))
        } else {
            try MQTTError.check(mosquitto_tls_set(raw, nil, "/etc/ssl/certs", nil, nil, nil))
        }
    }

    private func listen() {
        mosquitto_connect_v5_callback_set(raw) { _, context, code, _, _ in
            MQTTClient.of(context)?.notices.append(.connected(code))
        }
        mosquitto_publish_v5_callback_set(raw) { _, context, mid, code, _ in
            MQTTClient.of(context)?.notices.append(.published(mid: mid, code: code))
        }
        mosquitto_subscribe_callback_set(raw) { _, context, _, count, codes in
            let codes = UnsafeBufferPointer(start: codes, count: Int(count))
            MQTTClient.of(context)?.notices.append(.subscribed(Array(codes)))
        }
        mosquitto_message_callback_set(raw) { _, context, message in
            guard let client = MQTTClient.of(context), let message = message?.pointee, let topic = message.topic else {
                return
            }
            let count = min(Int(message.payloadlen), client.longestMessage)
            let payload = [UInt8](UnsafeRawBufferPointer(start: message.payload, count: count))
            client.notices.append(.message(topic: String(cString: topic), payload: payload))
        }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> MQTTClient? {
        context.map { Unmanaged<MQTTClient>.fromOpaque($0).takeUnretainedValue() }
    }

    // MARK: Use

    /// Opens a connection; the broker's word on it comes as a notice. Blocks for as long as the system tries.
    func connect() throws(MQTTError) {
        var properties: OpaquePointer?
        defer { mosquitto_property_free_all(&properties) }
        if isFive {
            let seconds = UInt32(clamping: configuration.sessionLifetime.components.seconds)
            try MQTTError.check(
                mosquitto_property_add_int32(&properties, Int32(MQTT_PROP_SESSION_EXPIRY_INTERVAL.rawValue), seconds))
        }
        try MQTTError.check(
            mosquitto_connect_bind_v5(
                raw, configuration.host, Int32(configuration.port),
                Int32(configuration.keepAlive.components.seconds), nil, properties))
    }

    func subscribe(_ filter: String) throws(MQTTError) { try MQTTError.check(mosquitto_subscribe(raw, nil, filter, 1)) }

    /// Publishes; returns the message's identifier on this connection.
    func publish(_ message: MQTTMessage, now: Timestamp) throws(MQTTError) -> Int32 {
        var properties: OpaquePointer?
        defer { mosquitto_property_free_all(&properties) }
        if isFive { try describe(message, now: now, &properties) }
        var mid: Int32 = 0
        try MQTTError.check(
            mosquitto_publish_v5(
                raw, &mid, message.topic, Int32(clamping: message.payload.count), message.payload, Int32(message.qos),
                message.retain, properties))
        return mid
    }

    private func describe(
        _ message: MQTTMessage, now: Timestamp, _ properties: inout OpaquePointer?
    ) throws(MQTTError) {
        if let end = message.expiresAt {
            let seconds = UInt32(clamping: max(1, end.duration(since: now).components.seconds))
            try MQTTError.check(
                mosquitto_property_add_int32(&properties, Int32(MQTT_PROP_MESSAGE_EXPIRY_INTERVAL.rawValue), seconds))
        }
        guard let topic = message.answerTopic else { return }
        try MQTTError.check(
            mosquitto_property_add_string(&properties, Int32(MQTT_PROP_RESPONSE_TOPIC.rawValue), topic))
        let correlation = Array(message.correlation.utf8)
        try MQTTError.check(
            mosquitto_property_add_binary(
                &properties, Int32(MQTT_PROP_CORRELATION_DATA.rawValue), correlation,
                UInt16(clamping: correlation.count)))
    }

    /// Reads and writes what can be, and keeps the connection alive.
    func work(canRead: Bool, canWrite: Bool) throws(MQTTError) {
        if canRead { try MQTTError.check(mosquitto_loop_read(raw, 1)) }
        if canWrite || wantsToWrite { try MQTTError.check(mosquitto_loop_write(raw, 1)) }
        try MQTTError.check(mosquitto_loop_misc(raw))
    }

    /// Says goodbye, without waiting for more than the socket's buffer.
    func disconnect() {
        // Without a connection there is nobody to say it to.
        guard mosquitto_disconnect(raw) == MOSQ_ERR_SUCCESS.rawValue else { return }
        _ = mosquitto_loop_write(raw, 1)
    }
}
