import BusClients
import Runtime

/// Whether the brokers of some settings can be reached and accept their credentials now.
struct BrokerChecks: Sendable {
    let settings: BusSettings
    let time: any TimeSource

    /// How long a broker may take in all.
    private static let limit = Duration.seconds(5)
    /// How long one node may take to connect.
    private static let connectTimeout = Duration.seconds(2)

    /// Asks all of them at once.
    func findings() async -> [CheckReport.Finding] {
        async let rabbitMQ = self.rabbitMQ()
        async let kafka = self.kafka()
        let asked = await [rabbitMQ, kafka].compactMap(\.self)
        return asked.isEmpty ? [.init("bus", .ok, "the embedded bus, in the state folder")] : asked
    }

    private func rabbitMQ() async -> CheckReport.Finding? {
        guard var configuration = settings.rabbitMQ else { return nil }
        configuration.connectTimeout = Self.connectTimeout
        return await ask("RabbitMQ") { [configuration, time] () async throws(BusError) in
            let client = try await RabbitMQClient.connect(configuration, time: time, logger: .silent, metrics: nil)
            await client.close()
        }
    }

    private func kafka() async -> CheckReport.Finding? {
        guard var configuration = settings.kafka else { return nil }
        configuration.connectTimeout = Self.connectTimeout
        return await ask("Kafka") { [configuration, time] () async throws(BusError) in
            let client = try await KafkaClient.connect(configuration, time: time, logger: .silent, metrics: nil)
            await client.close()
        }
    }

    /// The first of the answer and the limit; an attempt that takes longer, as where a name is not resolved, is left
    /// behind.
    private func ask(
        _ name: String, _ connect: @escaping @Sendable () async throws(BusError) -> Void
    ) async -> CheckReport.Finding {
        let late = CheckReport.Finding(
            name, .warning, "no answer within \(HumanUnits.duration(seconds: Self.limit.seconds))")
        let (answers, answer) = AsyncStream.makeStream(
            of: CheckReport.Finding.self, bufferingPolicy: .bufferingOldest(1))
        let attempt = Task { _ = answer.yield(await Self.outcome(name, connect)) }
        let limit = Task { [time] in
            try await time.sleep(for: Self.limit)
            _ = answer.yield(late)
        }
        defer {
            attempt.cancel()
            limit.cancel()
        }
        for await finding in answers { return finding }
        return late
    }

    private static func outcome(
        _ name: String, _ connect: @Sendable () async throws(BusError) -> Void
    ) async -> CheckReport.Finding {
        do throws(BusError) {
            try await connect()
            return .init(name, .ok, "reached, and it accepts the credentials")
        } catch {
            // What it refuses, waiting does not mend; one that is away may come back, and roles wait for it.
            let isRefusal = error.code == .accessRefused || error.code == .unsupported
            return .init(name, isRefusal ? .problem : .warning, error.message)
        }
    }
}
