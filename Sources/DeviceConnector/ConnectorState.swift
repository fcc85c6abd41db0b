import BusClients
import Contracts
import Runtime

/// What a connector has in hand, and what follows from what happens; without any input and output of its own.
struct ConnectorState {
    /// What became of a record, to be made durable before its offset is committed.
    struct Outcome: Sendable {
        /// Nil for a record that nothing is said of.
        var report: DeviceReport?
        var trace: TraceContext?
        /// The record that is settled with it; nil for a word on a command that was settled before.
        var position: LogPosition?
        /// As the metrics name it.
        var name: String
        /// How long the broker took to acknowledge it; nil where it does not.
        var acknowledgedAfter: Duration?
    }

    static let transport = "mqtt"
    /// The name of the outcome of a record that is no command.
    static let unreadable = "unreadable"

    let configuration: DeviceConnectorConfiguration
    private var queue = DeliveryQueue()
    private(set) var tracker = OffsetTracker()
    private var awaited: AwaitedAnswers
    private var outcomes: [Outcome] = []
    /// Since when the broker has accepted the connection, by uptime.
    private var connectedAt: Duration?
    /// Outcomes were taken that are not durable yet.
    private var isReporting = false
    private(set) var isStopping = false

    init(_ configuration: DeviceConnectorConfiguration) {
        self.configuration = configuration
        awaited = AwaitedAnswers(maximum: configuration.maximumAwaited)
    }

    var hasRoom: Bool { queue.count < configuration.window && queue.bytes < configuration.windowBytes }
    var isConnected: Bool { connectedAt != nil }
    /// Nothing is under way; what waits can be left to the next connector.
    var isSettled: Bool { queue.inFlight == 0 && outcomes.isEmpty && !isReporting }
    var outcomeCount: Int { outcomes.count }

    /// Nothing more is sent.
    mutating func stop() { isStopping = true }

    // MARK: Records

    mutating func take(_ record: StoredRecord, now: Timestamp) {
        guard tracker.take(record.position.offset, of: record.position.partition) else { return }
        let trace = record.record.headers.trace
        let command: DeviceCommand
        do throws(DeviceCommand.Refusal) {
            command = try DeviceCommand(
                value: record.record.value, expiresAt: record.record.headers[CommandRecord.expiresAtHeader])
        } catch {
            return refuse(error, record.position, trace, now)
        }
        guard command.deviceProtocol == Self.transport else { return skip("other_protocol", record.position) }
        switch MQTTTopic.choose(for: command, default: configuration.mqtt.commandTopic) {
        case .refused(let reason):
            let refusal = DeviceCommand.Refusal.malformed(
                requestID: command.requestID, deviceID: command.deviceID, reason: reason)
            refuse(refusal, record.position, trace, now)
        case .topic(let topic):
            let message = message(for: command, topic: topic, record: record.record.value)
            queue.add(command, message, at: record.position, trace: trace)
        }
    }

    private func message(for command: DeviceCommand, topic: String, record: [UInt8]) -> MQTTMessage {
        let mqtt = configuration.mqtt
        let answers = timeout(of: command) > .zero
        return MQTTMessage(
            topic: topic, payload: mqtt.sendsRecord ? record : command.payload, qos: command.qos ?? mqtt.defaultQoS,
            retain: command.retain ?? mqtt.defaultRetain, expiresAt: command.expiresAt,
            answerTopic: answers
                ? mqtt.answerTopic.topic(device: command.deviceID, request: command.requestID) : nil,
            correlation: command.requestID)
    }

    private mutating func refuse(
        _ refusal: DeviceCommand.Refusal, _ position: LogPosition, _ trace: TraceContext?, _ now: Timestamp
    ) {
        switch refusal {
        case .feedback: skip("feedback", position)
        case .unreadable: skip(Self.unreadable, position)
        case .malformed(let id, let device, let reason):
            var evidence = DeviceDelivery(transport: Self.transport)
            evidence.reason = reason
            report(.failed, id, device, evidence, now, trace, position)
        }
    }

    private mutating func skip(_ name: String, _ position: LogPosition) {
        outcomes.append(Outcome(report: nil, trace: nil, position: position, name: name))
    }

    // MARK: Sending

    /// What is to be sent now, in order. What has expired is not.
    mutating func sends(now: Timestamp, uptime: Duration) -> [(token: Int, message: MQTTMessage)] {
        var sends: [(token: Int, message: MQTTMessage)] = []
        guard isConnected, !isStopping else { return sends }
        while queue.inFlight < configuration.maximumInFlight, let entry = queue.send(now: uptime) {
            if let end = entry.command.expiresAt, end <= now {
                expire(entry.token, now)
            } else {
                sends.append((entry.token, entry.message))
            }
        }
        return sends
    }

    private mutating func expire(_ token: Int, _ now: Timestamp) {
        guard let entry = queue.remove(token) else { return }
        var evidence = evidence(of: entry)
        evidence.reason =
            entry.mayBeSent
            ? "not acknowledged by the broker before its expiry; it may have arrived"
            : "not handed to the broker before its expiry"
        report(.expired, entry, evidence, now)
    }

    // MARK: The broker and the devices

    mutating func handle(_ event: MQTTLink.Event, now: Timestamp, uptime: Duration) {
        switch event {
        case .connected: connectedAt = uptime
        case .disconnected: connectedAt = nil
        case .subscriptionRefused: break
        case .acknowledged(let token, let mid, let reason, let at): acknowledged(token, mid, reason, at, uptime)
        case .refused(let token, let reason): failed(token, reason, now)
        case .returned(let token): queue.giveBack(token)
        case .message(let topic, let payload, let at): answered(topic, payload, at)
        }
    }

    private mutating func acknowledged(
        _ token: Int, _ mid: Int, _ reason: String?, _ at: Timestamp, _ uptime: Duration
    ) {
        guard let entry = queue.remove(token) else { return }
        let timeout = timeout(of: entry.command)
        var evidence = evidence(of: entry)
        evidence.mid = mid
        evidence.reason = reason
        // Of quality 0 it is only known that it was sent.
        if entry.message.qos > 0 { evidence.acknowledgedAt = at }
        if timeout > .zero {
            evidence.answerBy = at.advanced(by: timeout)
            if !entry.isAnswered {
                awaited.add(
                    AwaitedAnswers.Awaited(
                        requestID: entry.command.requestID, deviceID: entry.command.deviceID,
                        deadline: uptime + timeout, topic: entry.message.topic))
            }
        }
        report(.published, entry, evidence, at)
        if entry.message.qos > 0, let sentAt = entry.sentAt {
            outcomes[outcomes.count - 1].acknowledgedAfter = uptime - sentAt
        }
    }

    private mutating func failed(_ token: Int, _ reason: String, _ now: Timestamp) {
        guard let entry = queue.remove(token) else { return }
        var evidence = evidence(of: entry)
        evidence.reason = reason
        report(.failed, entry, evidence, now)
    }

    private mutating func answered(_ topic: String, _ payload: [UInt8], _ at: Timestamp) {
        guard let ids = configuration.mqtt.answerTopic.ids(in: topic), let answer = try? DeviceAnswer(message: payload),
            let id = ids.request ?? answer.requestID, (1...DeviceReport.maximumIDBytes).contains(id.utf8.count)
        else {
            outcomes.append(Outcome(report: nil, trace: nil, position: nil, name: "unreadable_answer"))
            return
        }
        if !awaited.remove(id) { queue.answered(id) }
        var evidence = evidence(topic: topic)
        evidence.answer = answer.state.rawValue
        evidence.reason = answer.reason
        report(answer.state, id, ids.device, evidence, at, nil, nil)
    }

    // MARK: Deadlines

    /// Gives up what has waited long enough.
    mutating func tick(now: Timestamp, uptime: Duration) {
        for token in queue.expired(now) { expire(token, now) }
        for one in awaited.takeOverdue(uptime) {
            var evidence = evidence(topic: one.topic)
            evidence.reason = "the device did not answer in time"
            report(.timedOut, one.requestID, one.deviceID, evidence, now, nil, nil)
        }
        guard let connectedAt else { return }
        let limit = uptime - configuration.acknowledgementTimeout
        guard connectedAt < limit else { return }
        for token in queue.sent(before: limit) {
            failed(token, "the broker did not acknowledge it; it may have arrived", now)
        }
    }

    /// How long until `tick` has something to do; nil when nothing waits.
    func nextTick(now: Timestamp, uptime: Duration) -> Duration? {
        var waits: [Duration] = []
        if let expiry = queue.firstExpiry { waits.append(expiry.duration(since: now)) }
        if let deadline = awaited.firstDeadline { waits.append(deadline - uptime) }
        if queue.inFlight > 0 { waits.append(configuration.acknowledgementTimeout) }
        return waits.min()
    }

    // MARK: Outcomes and offsets

    /// What is to be made durable; `settle` and `reported` follow.
    mutating func takeOutcomes() -> [Outcome] {
        defer { outcomes.removeAll() }
        isReporting = !outcomes.isEmpty
        return outcomes
    }

    mutating func reported() { isReporting = false }

    /// Makes what is settled ready to be committed.
    mutating func settle(_ outcomes: [Outcome]) {
        for case let position? in outcomes.lazy.map(\.position) {
            tracker.settle(position.offset, of: position.partition)
        }
    }

    mutating func committed(_ offsets: [Int: Int64]) { tracker.committed(offsets) }

    /// Other members have the other partitions now: what waits of them is theirs.
    mutating func keep(_ assigned: Set<Int>) {
        for token in queue.waiting(outside: assigned) { _ = queue.remove(token) }
        tracker.keep(assigned)
    }

    // MARK: Reports

    private func timeout(of command: DeviceCommand) -> Duration { command.answerTimeout ?? configuration.answerTimeout }

    private func evidence(topic: String) -> DeviceDelivery {
        var evidence = DeviceDelivery(transport: Self.transport)
        evidence.broker = configuration.mqtt.broker
        evidence.topic = topic
        return evidence
    }

    private func evidence(of entry: DeliveryQueue.Entry) -> DeviceDelivery {
        var evidence = evidence(topic: entry.message.topic)
        evidence.qos = entry.message.qos
        return evidence
    }

    private mutating func report(
        _ state: CommandState, _ entry: DeliveryQueue.Entry, _ evidence: DeviceDelivery, _ at: Timestamp
    ) {
        report(
            state, entry.command.requestID, entry.command.deviceID, evidence, at, entry.trace, entry.position)
    }

    private mutating func report(
        _ state: CommandState, _ requestID: String, _ deviceID: String?, _ evidence: DeviceDelivery, _ at: Timestamp,
        _ trace: TraceContext?, _ position: LogPosition?
    ) {
        let step = CommandTransition(state, at: at, evidence: .delivery(evidence))
        outcomes.append(
            Outcome(
                report: DeviceReport(requestID: requestID, deviceID: deviceID, step: step), trace: trace,
                position: position, name: state == .published ? "handed_over" : state.rawValue))
    }
}
