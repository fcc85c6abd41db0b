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
        guard let servers = ProcessInfo.processInfo.environment["KAFKA_BOOTSTRAP_SERVERS"] else {
            fail("set KAFKA_BOOTSTRAP_SERVERS, such as localhost:9092")
        }
        let kafka = try await KafkaClient.connect(KafkaConfiguration(bootstrapServers: servers))
        try await kafka.log.createTopic(topic, TopicOptions(partitions: 6))
        await kafka.close()
    }

    static func fail(_ message: String) -> Never {
        let line = Array("TutorialDeviceCommands: \(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        exit(1)
    }
}
