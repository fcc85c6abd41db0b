import CRabbitMQ
import Testing

@testable import BusClients

/// Headers go out and come back through the library's own encoder and decoder.
@Suite struct HeaderCodingTests {
    /// What a receiver makes of what a sender sends.
    private func roundTrip(_ outgoing: Outgoing, isResent: Bool = false) throws -> ReceivedMessage {
        try MessageEncoder().withEncoded(outgoing, isResent: isResent) { _, _, properties in
            Result { try received(properties.headers, id: outgoing.message.id.rawValue) }
        }.get()
    }

    private func received(_ table: amqp_table_t, id: String = "m") throws -> ReceivedMessage {
        var buffer = [UInt8](repeating: 0, count: 1 << 17)
        var pool = amqp_pool_t()
        init_amqp_pool(&pool, 4096)
        defer { empty_amqp_pool(&pool) }
        return try buffer.withUnsafeMutableBytes { bytes in
            var table = table
            var end = 0
            let encoded = amqp_bytes_t(len: bytes.count, bytes: bytes.baseAddress)
            try #require(amqp_encode_table(encoded, &table, &end) == 0)
            var decoded = amqp_table_t()
            var start = 0
            try #require(
                amqp_decode_table(amqp_bytes_t(len: end, bytes: bytes.baseAddress), &pool, &decoded, &start) == 0)
            var properties = amqp_basic_properties_t()
            properties._flags = UInt32(AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG)
            properties.headers = decoded
            return id.withAMQPBytes { id in
                properties.message_id = id
                var message = ReceivedMessage()
                message.take(properties)
                return message
            }
        }
    }

    @Test func keepsHeadersInOrderAndTakesItsOwnOff() throws {
        let headers: Headers = ["b": "2", "a": "täst", "empty": "", "x-custom": "kept", "b": "again"]
        let own = OwnHeaders(sentAt: -5, attempts: 3, reason: "it hurts", diedAt: 1_790_000_000_000_000)
        let message = Message(id: "m", headers: headers, body: [])
        let got = try roundTrip(Outgoing(routingKey: "q", message: message, own: own), isResent: true)
        #expect(got.message == message)
        #expect(got.own.sentAt == -5)
        #expect(got.own.attempts == 3)
        #expect(got.own.reason == "it hurts")
        #expect(got.own.diedAt == 1_790_000_000_000_000)
        #expect(got.own.isResent)
        #expect(!got.own.isMarker)
    }

    @Test func carriesManyHeaders() throws {
        let headers = Headers((0..<500).map { Headers.Field(name: "name-\($0)", value: "value \($0)") })
        let message = Message(id: "m", headers: headers, body: [])
        #expect(try roundTrip(Outgoing(routingKey: "q", message: message, own: OwnHeaders())).headers == headers)
    }

    @Test func writesForeignValuesAsText() throws {
        let table = AMQPTable([
            AMQPField("number", .integer(-7)), AMQPField("flag", .boolean(true)),
            AMQPField("table", .table([AMQPField("k", .string("v")), AMQPField("n", .integer(1))])),
        ])
        let got = try withExtendedLifetime(table) { try received(table.table) }
        #expect(got.headers == ["number": "-7", "flag": "true", "table": "{\"k\":\"v\",\"n\":1}"])
    }

    @Test func takesOffWhatRabbitMQNotes() throws {
        let table = AMQPTable([
            AMQPField("x-delivery-count", .integer(2)), AMQPField("x-stream-offset", .integer(99)),
            AMQPField("x-first-death-reason", .string("expired")), AMQPField("x-first-death-queue", .string("q")),
            AMQPField("x-last-death-queue", .string("q")), AMQPField("x-other", .string("theirs")),
        ])
        let got = try withExtendedLifetime(table) { try received(table.table) }
        #expect(got.headers == ["x-other": "theirs"])
        #expect(got.broker.deliveries == 2)
        #expect(got.broker.offset == 99)
    }

    @Test func countsAttempts() {
        var message = ReceivedMessage()
        #expect(message.attempt == 1)
        message.isRedelivered = true
        #expect(message.attempt == 2)
        message.broker.deliveries = 3
        #expect(message.attempt == 4)
        message.own.attempts = 2
        #expect(message.attempt == 6)
        message.own.isResent = true
        #expect(message.attempt == 7)
        message.own.attempts = .min
        #expect(message.attempt == 5)
    }

    @Test func namesAMessageWithoutAnIdByItsBody() {
        var (one, two) = (ReceivedMessage(), ReceivedMessage())
        (one.body, two.body) = ([1], [2])
        #expect(one.message.id == one.message.id)
        #expect(one.message.id != two.message.id)
        #expect(one.message.id.rawValue.hasPrefix("unidentified-"))
    }

    @Test func refusesHeadersThatTheBrokerCannotCarry() {
        func code(_ headers: Headers) -> BusError.Code? {
            let message = Message(id: "m", headers: headers, body: [])
            do { try Outgoing(routingKey: "q", message: message, own: OwnHeaders()).validate() } catch {
                return error.code
            }
            return nil
        }
        #expect(code(["CC": "x"]) == .unsupported)
        #expect(code(["a": "1", "BCC": "x"]) == .unsupported)
        #expect(code([String(repeating: "n", count: 256): "x"]) == .invalidName)
        #expect(code(["big": String(repeating: "v", count: 70_000)]) == .messageTooLarge)
        #expect(code(["cc": "x", "ACC": "y", String(repeating: "n", count: 255): "x"]) == nil)
    }
}
