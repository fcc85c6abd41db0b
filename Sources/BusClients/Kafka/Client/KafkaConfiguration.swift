/// How to reach a Kafka cluster, and how the transport behaves.
///
/// Its description names properties without their values, because those may be secrets.
public struct KafkaConfiguration: Sendable {
    /// How batches of records are compressed on their way to the broker and in its files.
    public enum Compression: String, Sendable, CaseIterable {
        /// Not at all.
        case none
        /// Small and slow.
        case gzip
        /// Quick, older brokers included.
        case snappy
        /// Quickest.
        case lz4
        /// Small and quick; Kafka 2.1 and later.
        case zstd
    }

    /// The brokers that are asked first for the others: `host:port`, separated by commas; the port is 9092 unless given.
    public let bootstrapServers: String
    /// More properties of librdkafka by their names, such as `security.protocol`, `sasl.username`, `ssl.ca.location`
    /// or `batch.size`; checked by `KafkaClient.connect`. Those that the transport's promises or the fields here
    /// depend on are refused.
    public var properties: [String: String] = [:]
    /// The name of this program in the broker's logs, quotas and metrics.
    public var clientID = "flotilla"
    /// How long `KafkaClient.connect` waits for a broker.
    public var connectTimeout: Duration = .seconds(10)
    /// How long an append may take before it fails with `.unavailable`; at least 100 ms.
    ///
    /// One that ends a partition's wait ends those of all records that the client holds for partitions that do not
    /// move, some of them earlier.
    public var deliveryTimeout: Duration = .seconds(30)
    /// How long lookups (offsets, topics, reads, commits) may take before they fail with `.unavailable`.
    public var requestTimeout: Duration = .seconds(10)
    /// How long a record waits for others to share its request.
    public var linger: Duration = .zero
    /// How batches are compressed.
    public var compression = Compression.lz4
    /// Records that wait to be appended, beyond which appends wait; a call with more waits until it is alone.
    public var maximumBufferedRecords = 100_000
    /// Bytes of keys, headers and values that wait to be appended, beyond which appends wait.
    public var maximumBufferedBytes = 64 << 20
    /// Bytes that a consumer or follower fetches ahead; one fetch of up to 50 MiB may go beyond. The property
    /// `queued.min.messages` bounds their records, at 250,000 unless set.
    ///
    /// librdkafka looks once a second whether there is room again: a consumer that is quicker than that waits, so do
    /// not take much less than it handles in a second.
    public var maximumFetchedBytes = 64 << 20
    /// Copies of each partition of topics that are created; nil takes the broker's default.
    public var replicationFactor: Int?
    /// How long a member of a consumer group may be silent before its partitions go to the others; brokers take 6 s to
    /// 30 min unless configured otherwise.
    public var sessionTimeout: Duration = .seconds(10)
    /// How often the broker figures in the metrics are taken; at least 1 s.
    public var statisticsInterval: Duration = .seconds(5)

    /// - Parameter bootstrapServers: `host:port`, separated by commas.
    /// - Throws: `.unsupported` when it is no such list.
    public init(bootstrapServers: String) throws(BusError) {
        let servers = bootstrapServers.split(separator: ",", omittingEmptySubsequences: false)
        guard servers.allSatisfy(Self.isServer) else {
            throw BusError(.unsupported, "Kafka bootstrap servers are written host:port, separated by commas")
        }
        self.bootstrapServers = bootstrapServers
    }

    /// `host`, `host:port` or `[address]:port`, in printing ASCII.
    private static func isServer(_ text: Substring) -> Bool {
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return false }
        let host: Substring
        let rest: Substring
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[..<end].dropFirst()
            rest = text[end...].dropFirst()
        } else {
            host = text.prefix { $0 != ":" }
            rest = text.dropFirst(host.count)
        }
        guard !host.isEmpty, !host.contains("/"), !host.contains("@") else { return false }
        guard !rest.isEmpty else { return true }
        guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()) else { return false }
        return port > 0
    }
}

extension KafkaConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The servers, the client's name and the names of the properties.
    public var description: String {
        "Kafka at \(bootstrapServers) as \(clientID) with \(properties.keys.sorted().joined(separator: ", "))"
    }

    /// As `description`.
    public var debugDescription: String { description }

    /// Only what `description` tells, so that no dump shows a secret.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
