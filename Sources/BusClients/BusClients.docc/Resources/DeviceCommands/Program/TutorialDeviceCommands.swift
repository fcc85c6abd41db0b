import BusClients
import FoundationEssentials
import Glibc

/// A command as the device connectors read it.
struct DeviceCommand: Encodable {
    var requestID = UUID().uuidString.lowercased()
    var timestamp: String
    var deviceID: String
    var commandType: String
    var payload: [String: String] = [:]
    var deviceProtocol = "mqtt"
    var metadata: [String: String]?
    var expiresAt: String

    enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case timestamp
        case deviceID = "device_id"
        case commandType = "command_type"
        case payload
        case deviceProtocol = "protocol"
        case metadata
        case expiresAt = "expires_at"
    }

    init(_ commandType: String, for deviceID: String, translator: String?, validFor life: Duration) {
        self.commandType = commandType
        self.deviceID = deviceID
        metadata = translator.map { ["translator_used": $0] }
        let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        timestamp = now.naive
        expiresAt = now.advanced(by: life).rfc3339
    }

    func record() throws -> LogRecord {
        LogRecord(
            key: deviceID,
            headers: [
                "request_id": requestID, "expires_at": expiresAt, "ce_specversion": "1.0", "ce_id": requestID,
                "ce_source": "/tutorial", "ce_type": "flotilla.device.command", "content-type": "application/json",
            ],
            value: Array(try JSONEncoder().encode(self)))
    }
}

/// Appends commands so that each is in the topic once, whatever happens to the brokers meanwhile.
struct CommandSender {
    var log: any MessageLog
    var topic: Topic

    /// Returns where each command is, by request id.
    func send(_ commands: [DeviceCommand]) async throws -> [String: LogPosition] {
        let ends = try await log.offsets(of: topic).map(\.upperBound)
        var stored: [String: LogPosition] = [:]
        var attempt = 1
        while true {
            do {
                if attempt > 1 { stored = try await positions(since: ends) }
                let missing = commands.filter { stored[$0.requestID] == nil }
                let appended = try await log.append(missing.map { try $0.record() }, to: topic)
                for (command, position) in zip(missing, appended) { stored[command.requestID] = position }
                return stored
            } catch let error as BusError where error.isRetriable && attempt < 5 {
                print("attempt \(attempt): \(error)")
                try await Task.sleep(for: .seconds(attempt))
                attempt += 1
            }
        }
    }

    /// Where each request id is that has come to the topic since it ended there.
    private func positions(since ends: [Int64]) async throws -> [String: LogPosition] {
        var positions: [String: LogPosition] = [:]
        for (partition, end) in ends.enumerated() {
            var next = end
            while true {
                let page = try await log.read(topic, partition: partition, from: next, limit: 1000)
                guard let last = page.last else { break }
                for stored in page {
                    guard let id = stored.record.headers["request_id"] else { continue }
                    positions[id] = stored.position
                }
                next = last.position.offset + 1
            }
        }
        return positions
    }
}

@main
enum TutorialDeviceCommands {
    static let topic: Topic = "device_commands"

    static func main() async {
        do {
            try await run()
        } catch {
            fail("\(error)")
        }
    }

    static func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let servers = environment["KAFKA_BOOTSTRAP_SERVERS"] else {
            fail("set KAFKA_BOOTSTRAP_SERVERS, such as localhost:9092")
        }
        let arguments = CommandLine.arguments.dropFirst()
        guard let commandType = arguments.first, arguments.count > 1 else {
            fail("usage: TutorialDeviceCommands COMMAND_TYPE DEVICE…")
        }
        let kafka = try await KafkaClient.connect(KafkaConfiguration(bootstrapServers: servers))
        try await kafka.log.createTopic(topic, TopicOptions(partitions: 6))

        let commands = arguments.dropFirst().map { device in
            DeviceCommand(
                commandType, for: device, translator: environment["COMMAND_TRANSLATOR"], validFor: .seconds(300))
        }
        let sender = CommandSender(log: kafka.log, topic: topic)
        let positions = try await sender.send(commands)
        for command in commands {
            guard let position = positions[command.requestID] else { continue }
            print("\(command.requestID) \(command.deviceID) partition \(position.partition) offset \(position.offset)")
        }
        await kafka.close()
    }

    static func fail(_ message: String) -> Never {
        let line = Array("TutorialDeviceCommands: \(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        exit(1)
    }
}
