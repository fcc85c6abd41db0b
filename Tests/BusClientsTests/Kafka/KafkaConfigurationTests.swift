import CRdKafka
import Testing

@testable import BusClients

@Suite struct KafkaConfigurationTests {
    @Test(arguments: ["localhost", "a:9092", "a:9092,b:9093", "[::1]:9092", "broker-1.example.org:19092"])
    func takesServers(_ text: String) throws {
        #expect(try KafkaConfiguration(bootstrapServers: text).bootstrapServers == text)
    }

    @Test(arguments: [
        "", ",", "a:", "a:0", "a:70000", "a:b", "a b", ":9092", "kafka://a:9092", "user:word@a:1", "a,,b",
    ])
    func refusesWhatIsNoListOfServers(_ text: String) {
        let error = #expect(throws: BusError.self) { try KafkaConfiguration(bootstrapServers: text) }
        #expect(error?.code == .unsupported)
    }

    @Test func namesAnUnknownPropertyAndNotItsValue() throws {
        let error = try refusal(of: ["sasl.pasword": "secret-value"])
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains("sasl.pasword") == true)
        #expect(error?.description.contains("secret-value") == false)
    }

    @Test func namesAMalformedPropertyAndNotItsValue() throws {
        let error = try refusal(of: ["socket.timeout.ms": "secret-value"])
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains("socket.timeout.ms") == true)
        #expect(error?.description.contains("secret-value") == false)
    }

    @Test(arguments: ["enable.idempotence", "acks", "group.id", "message.timeout.ms", "partitioner"])
    func keepsWhatItsPromisesDependOn(_ name: String) throws {
        #expect(try refusal(of: [name: "1"])?.message.contains(name) == true)
    }

    @Test func takesSecurityProperties() throws {
        let refused = try refusal(of: [
            "security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-256", "sasl.username": "name",
            "sasl.password": "word", "ssl.ca.location": "/etc/ssl/certs/ca-certificates.crt", "batch.size": "500000",
        ])
        #expect(refused == nil)
    }

    @Test func refusesFieldsThatCannotWork() throws {
        var configuration = try KafkaConfiguration(bootstrapServers: "a")
        configuration.deliveryTimeout = .milliseconds(10)
        #expect(throws: BusError.self) { try configuration.validate() }
        configuration.deliveryTimeout = .seconds(5)
        try configuration.validate()
        configuration.linger = .seconds(6)
        #expect(throws: BusError.self) { try configuration.validate() }
        configuration.linger = .zero
        configuration.replicationFactor = 0
        #expect(throws: BusError.self) { try configuration.validate() }
    }

    @Test func showsNoSecret() throws {
        var configuration = try KafkaConfiguration(bootstrapServers: "a")
        configuration.properties["sasl.password"] = "secret-value"
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("secret-value"))
        }
        #expect("\(configuration)".contains("sasl.password"))
    }

    @Test func everyClientsPropertiesAreTaken() throws {
        var configuration = try KafkaConfiguration(bootstrapServers: "a")
        for compression in KafkaConfiguration.Compression.allCases {
            configuration.compression = compression
            for properties in [
                configuration.producer, configuration.lookup, configuration.reading, configuration.rangeReading,
                configuration.member(of: "group"),
            ] {
                rd_kafka_conf_destroy(try properties.makeConfiguration())
            }
        }
    }

    private func refusal(of properties: [String: String]) throws -> BusError? {
        var configuration = try KafkaConfiguration(bootstrapServers: "a")
        configuration.properties = properties
        do {
            try configuration.validate()
            return nil
        } catch {
            return error
        }
    }
}
