import CRabbitMQ
import CRdKafka
import Testing

/// The broker libraries are the ones whose facts the design was measured on.
@Suite struct CLibraryTests {
    @Test func librabbitmqIsTheExpectedVersion() {
        #expect(String(cString: amqp_version()).hasPrefix("0.11"))
    }

    @Test func librdkafkaIsTheExpectedVersion() {
        #expect(String(cString: rd_kafka_version_str()).hasPrefix("2."))
    }
}
