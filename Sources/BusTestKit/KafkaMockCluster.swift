internal import Glibc
internal import Synchronization

/// librdkafka's mock Kafka cluster in a process of its own, `kafka-mock-cluster`: in memory, on loopback, and able to
/// fail on command. It ends with this process.
///
/// It goes with the last reference, and Swift may drop that after the last use of a variable: a test ends with `stop()`.
///
/// Brokers are numbered from 1. What it cannot do (CreateTopics, DescribeConfigs, elections, persistence) is in its own
/// documentation, `rdkafka_mock.h`.
package final class KafkaMockCluster: Sendable {
    /// A kind of Kafka request, by its number in the protocol.
    package struct Request: Sendable, Hashable {
        package let key: Int

        package init(key: Int) { self.key = key }

        package static let produce = Request(key: 0)
        package static let fetch = Request(key: 1)
        package static let listOffsets = Request(key: 2)
        package static let metadata = Request(key: 3)
        package static let offsetCommit = Request(key: 8)
        package static let offsetFetch = Request(key: 9)
        package static let findCoordinator = Request(key: 10)
        package static let joinGroup = Request(key: 11)
        package static let heartbeat = Request(key: 12)
        package static let leaveGroup = Request(key: 13)
        package static let syncGroup = Request(key: 14)
        package static let initProducerID = Request(key: 22)
    }

    /// An answer to one request at one broker.
    package struct Answer: Sendable {
        /// A Kafka error code; 0 for none, −195 (`RD_KAFKA_RESP_ERR__TRANSPORT`) to close the connection.
        package let code: Int
        package let delay: Duration

        package init(code: Int, after delay: Duration = .zero) {
            self.code = code
            self.delay = delay
        }
    }

    /// As `bootstrap.servers` takes them.
    package let bootstrapServers: String
    /// The number of brokers.
    package let brokers: Int
    private let process: ChildProcess
    private let asked = Mutex(0)

    /// Starts a cluster, in some 50 ms.
    package static func start(brokers: Int = 3) async throws -> KafkaMockCluster {
        let process = try ChildProcess(
            BuiltProgram.path("kafka-mock-cluster"), ["\(brokers)"], environment: [:], takesInput: true,
            leadsGroup: true)
        let line = try await withDeadline("the mock cluster serves") { await process.line(containing: "bootstrap ") }
        guard let servers = line?.split(separator: " ").last else {
            throw ChildFailure("the mock cluster did not start:\n\(process.text)")
        }
        return KafkaMockCluster(process: process, bootstrapServers: String(servers), brokers: brokers)
    }

    private init(process: ChildProcess, bootstrapServers: String, brokers: Int) {
        self.process = process
        self.bootstrapServers = bootstrapServers
        self.brokers = brokers
    }

    deinit { process.end() }

    /// Makes a topic; one that exists is an error.
    package func createTopic(_ name: String, partitions: Int, replication: Int = 1) async throws {
        try await order("topic \(name) \(partitions) \(replication)")
    }

    /// Closes a broker's connections and refuses new ones. Its partitions stay without a leader until it is up or the
    /// leader is moved.
    package func brokerDown(_ id: Int) async throws { try await order("down \(id)") }

    package func brokerUp(_ id: Int) async throws { try await order("up \(id)") }

    /// Makes a broker answer that late, in whole milliseconds.
    package func setLatency(_ id: Int, _ latency: Duration) async throws {
        try await order("latency \(id) \(Self.milliseconds(latency))")
    }

    /// Moves a partition to a broker; −1 leaves it without a leader. A topic that is missing is made.
    package func setLeader(topic: String, partition: Int, broker: Int) async throws {
        try await order("leader \(topic) \(partition) \(broker)")
    }

    /// Makes the next requests of that kind, at whichever broker, fail with these error codes, one each; at most 256.
    ///
    /// Code −195 (`RD_KAFKA_RESP_ERR__TRANSPORT`) closes the connection instead.
    package func pushErrors(_ request: Request, _ codes: [Int]) async throws {
        try await order((["errors \(request.key)"] + codes.map(String.init)).joined(separator: " "))
    }

    /// Takes back the pushed errors that no request has met.
    package func clearErrors(_ request: Request) async throws { try await order("clear-errors \(request.key)") }

    /// Makes the next requests of that kind at that broker end in these answers, one each; at most 256. They go before
    /// those of `pushErrors`.
    package func pushAnswers(broker id: Int, _ request: Request, _ answers: [Answer]) async throws {
        let words = answers.map { "\($0.code):\(Self.milliseconds($0.delay))" }
        try await order((["broker-errors \(id) \(request.key)"] + words).joined(separator: " "))
    }

    /// Makes that broker the coordinator of a consumer group.
    package func setCoordinator(group: String, broker: Int) async throws {
        try await order("coordinator group \(group) \(broker)")
    }

    /// Ends the cluster and all that it holds.
    package func stop() async {
        process.send(SIGTERM)
        do {
            _ = try await withDeadline("the mock cluster stops") { [process] in try await process.wait() }
        } catch {
            process.end()
        }
    }

    /// Sends one line and waits for its answer; answers come in the order of the lines.
    private func order(_ line: String) async throws {
        if line.utf8.contains(UInt8(ascii: "\n")) { throw ChildFailure("not one line: \(line)") }
        let index = try asked.withLock { asked in
            try process.write(line + "\n")
            defer { asked += 1 }
            return asked
        }
        // Warnings of librdkafka stand between the answers.
        let answer = try await withDeadline("the mock cluster answers") { [process] in
            await process.line(index) { $0 == "ok" || $0.hasPrefix("error ") }
        }
        guard answer == "ok" else { throw ChildFailure("\(line): \(answer ?? "the mock cluster has ended")") }
    }

    private static func milliseconds(_ duration: Duration) -> Int64 { Int64(duration / .milliseconds(1)) }
}
