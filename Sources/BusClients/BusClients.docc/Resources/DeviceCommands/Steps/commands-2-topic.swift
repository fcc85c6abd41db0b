import BusClients
import FoundationEssentials
import Glibc

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
