import BusClients
import BusTestKit
import Runtime
import Testing

/// One clear error for everything that keeps a client out.
@Suite(.needsRabbitMQ, .timeLimit(.minutes(2)))
struct RabbitMQAccessTests {
    /// The error of a connection that must not come about.
    private func refusal(_ url: String) async throws -> BusError {
        do {
            let client = try await RabbitMQClient.connect(RabbitMQConfiguration(url: url))
            await client.close()
        } catch {
            #expect(!error.message.contains("Geheim1"))
            #expect(!error.message.contains("\n"))
            return try #require(error as BusError?)
        }
        throw ConformanceFailure("connected to \(url)")
    }

    @Test func saysWhoIsRefused() async throws {
        let broker = try await RabbitMQBroker.shared
        let error = try await refusal(broker.url(user: "guest", password: "Geheim1"))
        #expect(error.code == .accessRefused)
        #expect(error.message.contains("127.0.0.1:\(broker.port), user guest, virtual host /"))
    }

    @Test func saysWhichVirtualHostIsMissing() async throws {
        let broker = try await RabbitMQBroker.shared
        let error = try await refusal(broker.url(vhost: "nowhere"))
        #expect(error.code == .accessRefused)
        #expect(error.message.contains("virtual host nowhere"))
    }

    @Test func saysThatNobodyIsThere() async throws {
        let error = try await refusal("amqp://u:Geheim1@127.0.0.1:1,amqp://u:Geheim1@127.0.0.1:2")
        #expect(error.code == .unavailable)
        #expect(error.message.contains("127.0.0.1:"))
    }

    @Test func givesUpOnAHostThatDoesNotAnswer() async throws {
        let broker = try await RabbitMQBroker.shared
        let proxy = try TCPProxy(to: broker.port)
        defer { proxy.end() }
        proxy.set(.freeze)
        var configuration = try RabbitMQConfiguration(url: "amqp://127.0.0.1:\(proxy.port)")
        configuration.connectTimeout = .seconds(1)
        let impatient = configuration
        let start = ContinuousClock.now
        #expect(
            await failure {
                let client = try await RabbitMQClient.connect(impatient)
                await client.close()
            } != nil)
        #expect(ContinuousClock.now - start < .seconds(4))
    }

    @Test func triesTheNextNodeOfAList() async throws {
        let broker = try await RabbitMQBroker.shared
        try await withClient("amqp://127.0.0.1:1,\(broker.url)") { client in
            #expect(client.queues.connection.state == .connected)
        }
    }

    @Test func refusesWhatTheUserMayNotDo() async throws {
        let broker = try await RabbitMQBroker.shared
        let vhost = try await broker.addVirtualHost()
        try await withClient(broker.url(vhost: vhost)) { owner in
            try await owner.queues.declare("q", WorkQueueOptions())
            try await owner.events.declare("e", EventExchangeOptions())
        }
        let user = "reader-\(vhost)"
        try await broker.evaluate(
            """
            ok = rabbit_auth_backend_internal:add_user(<<"\(user)">>, <<"pw">>, <<"guest">>),
            ok = rabbit_auth_backend_internal:set_permissions(
                <<"\(user)">>, <<"\(vhost)">>, <<"">>, <<"^allowed$">>, <<".*">>, <<"guest">>)
            """)
        try await withClient(broker.url(user: user, password: "pw", vhost: vhost)) { client in
            let attempts: [(String, @Sendable () async throws -> Void)] = [
                ("declare a queue", { try await client.queues.declare("mine", WorkQueueOptions()) }),
                ("declare an exchange", { try await client.events.declare("mine", EventExchangeOptions()) }),
                ("enqueue", { try await client.queues.enqueue([Job(Message(id: "m", body: []))], to: "q") }),
                (
                    "publish",
                    {
                        try await client.events.publish(
                            [Event(routingKey: "k", message: Message(id: "m", body: []))], to: "e")
                    }
                ),
            ]
            for (what, attempt) in attempts {
                let error = await failure(attempt)
                #expect(error?.code == .accessRefused, "\(what)")
            }
            // What it may do still works.
            #expect(try await client.queues.status(of: "q").ready == 0)
            _ = try await client.queues.consume("q", prefetch: 1)
            #expect(client.queues.connection.state == .connected)
        }
    }

    @Test func checksTheBrokersCertificate() async throws {
        let broker = try await RabbitMQBroker.start(tls: true)
        let authority = try #require(broker.certificateAuthority)
        let url = try #require(broker.tlsURL())
        try await withClient("\(url)?cacertfile=\(authority)") { client in
            try await client.queues.declare("q", WorkQueueOptions())
            let body = [UInt8](repeating: 7, count: 3_000_000)
            try await client.queues.enqueue(
                (0..<300).map { Job(Message(id: MessageID("m\($0)"), body: $0 == 100 ? body : [1])) }, to: "q")
            let jobs = try await client.queues.consume("q", prefetch: 1000).take(300)
            #expect(jobs.map(\.message.id.rawValue) == (0..<300).map { "m\($0)" })
            #expect(jobs[100].message.body == body)
        }
        let untrusted = try await refusal(url)
        #expect(untrusted.code == .accessRefused)
        #expect(untrusted.message.contains("not signed by a trusted authority"))
        let other = try #require(broker.tlsURL(host: "127.1"))
        let mismatch = try await refusal("\(other)?cacertfile=\(authority)")
        #expect(mismatch.code == .accessRefused)
        #expect(mismatch.message.contains("not for the host name 127.1"))
        let missing = try await refusal("\(url)?cacertfile=/nowhere/ca.pem")
        #expect(missing.code == .accessRefused)
        #expect(missing.message.contains("/nowhere/ca.pem"))
        try await withClient("\(other)?verify=verify_none") { client in
            #expect(client.queues.connection.state == .connected)
        }
    }

    @Test func keepsTryingWhenAccessIsRefusedLater() async throws {
        let broker = try await RabbitMQBroker.shared
        let vhost = try await broker.addVirtualHost()
        let memory = LogMemory()
        let logger = Logger(component: "test", sink: LogSink(memory: memory))
        let user = "late-\(vhost)"
        func allow() async throws {
            try await broker.evaluate(
                """
                ok = rabbit_auth_backend_internal:add_user(<<"\(user)">>, <<"pw">>, <<"guest">>),
                ok = rabbit_auth_backend_internal:set_permissions(
                    <<"\(user)">>, <<"\(vhost)">>, <<".*">>, <<".*">>, <<".*">>, <<"guest">>)
                """)
        }
        try await allow()
        let proxy = try TCPProxy(to: broker.port)
        defer { proxy.end() }
        try await withClient("amqp://\(user):pw@127.0.0.1:\(proxy.port)/\(vhost)", logger: logger) { client in
            try await broker.evaluate("ok = rabbit_auth_backend_internal:delete_user(<<\"\(user)\">>, <<\"guest\">>)")
            proxy.set(.cut)
            try await eventually("the loss is noticed") { client.queues.connection.state == .connecting }
            proxy.set(.relay)
            try await eventually("the refusal is said") {
                client.queues.connection.reason?.contains("user \(user)") == true
                    && memory.lines.contains { $0.contains("rabbitmq_unreachable") && $0.contains("accessRefused") }
            }
            try await allow()
            try await untilConnected(client)
        }
    }
}
