import BusClients
import BusTestKit
import Contracts
import Runtime

@testable import DeviceConnector

/// A connector on an embedded bus in a folder of its own.
struct ConnectorFixture: Sendable {
    static let topic = Topic(StreamNames.deviceCommands)
    static let statusTopic = Topic(StreamNames.deviceCommandStatus)
    static let group: ConsumerGroup = "flotilla_device_connector_mqtt"

    let bus: Bus
    let folder: TemporaryFolder
    let log = LogMemory()
    let metrics = MetricsRegistry()
    var configuration: DeviceConnectorConfiguration

    init(port: Int) async throws {
        folder = try TemporaryFolder()
        bus = try await EmbeddedBus.open(
            EmbeddedBusConfiguration(folder: folder.path), time: SystemTime(), logger: .silent, metrics: nil)
        try await bus.log.createTopic(Self.topic, TopicOptions())
        try await bus.log.createTopic(Self.statusTopic, TopicOptions())
        var mqtt = MQTTConfiguration(host: "127.0.0.1", port: port)
        mqtt.backoff = RetryPolicy(initial: .milliseconds(10), maximum: .milliseconds(100))
        configuration = DeviceConnectorConfiguration(mqtt: mqtt)
        configuration.settling = .milliseconds(500)
    }

    /// Runs a connector while the body runs.
    func connecting<T: Sendable>(
        log own: (any MessageLog)? = nil, _ body: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        let seen = Bus(queues: bus.queues, events: bus.events, log: own ?? bus.log, close: {})
        let service = DeviceConnectorService(
            configuration: configuration, bus: seen, time: SystemTime(), metrics: metrics,
            logger: Logger(component: "connector", sink: LogSink(format: .json, memory: log)))
        let lifecycle = Lifecycle()
        let running = Task { try await service.run(lifecycle) }
        let outcome: Result<T, any Error>
        do {
            outcome = .success(try await withDeadline("the test", seconds: 40, body))
        } catch {
            outcome = .failure(error)
        }
        lifecycle.requestStop()
        running.cancel()
        _ = await running.result
        return try outcome.get()
    }

    /// Appends a command as the pusher does.
    func send(
        _ id: String, device: String = "d", payload: String = "{}", more: String = "", expiresAt: Timestamp? = nil,
        deviceProtocol: String = "mqtt"
    ) async throws {
        let value =
            #"{"request_id":"\#(id)","device_id":"\#(device)","command_type":"c","payload":\#(payload),"#
            + #""protocol":"\#(deviceProtocol)"\#(more)}"#
        var headers: Headers = [CommandRecord.requestIDHeader: id]
        if let expiresAt { headers.append(CommandRecord.expiresAtHeader, expiresAt.rfc3339) }
        _ = try await bus.log.append(
            [LogRecord(key: device, headers: headers, value: Array(value.utf8))], to: Self.topic)
    }

    func sendRaw(_ value: String) async throws {
        _ = try await bus.log.append([LogRecord(key: "x", value: Array(value.utf8))], to: Self.topic)
    }

    /// The first reports, until there are so many.
    func reports(_ count: Int) async throws -> [DeviceReport] {
        var reports: [DeviceReport] = []
        for try await records in try await bus.log.follow(Self.statusTopic, from: [:]) {
            for record in records {
                guard let report = try DeviceReport(try JSONDocument(parsing: record.record.value).root) else {
                    continue
                }
                reports.append(report)
            }
            if reports.count >= count { return reports }
        }
        return reports
    }

    /// Waits until the group has committed up to an offset.
    func committed(_ offset: Int64) async throws {
        while try await bus.log.committedOffsets(of: Self.group, in: Self.topic)[0] ?? 0 < offset { await Task.yield() }
    }

    /// Waits for a line of the log.
    func logged(_ text: String) async {
        while !log.lines.contains(where: { $0.contains(text) }) { await Task.yield() }
    }
}

extension DeviceReport {
    /// Of a step that a connector reported.
    var delivery: DeviceDelivery? {
        if case .delivery(let delivery) = step.evidence { delivery } else { nil }
    }
}
