import BusClients

/// The arguments of a command, taken in order.
struct Arguments {
    private var rest: ArraySlice<String>

    init(_ arguments: some Sequence<String>) { rest = ArraySlice(arguments) }

    mutating func text(_ name: String) throws -> String {
        guard let text = rest.popFirst() else { throw Failure("missing argument: \(name)") }
        return text
    }

    mutating func count(_ name: String) throws -> Int {
        let text = try text(name)
        guard let count = Int(text), count > 0 else { throw Failure("\(name): \(text) is no count") }
        return count
    }

    mutating func duration(_ name: String) throws -> Duration { .seconds(try count(name)) }

    mutating func payloads() throws -> Payloads { try Payloads(path: text("PAYLOADS")) }

    /// All that is left, as `librdkafka's name=value`, for a client of these brokers.
    ///
    /// Where `KafkaConfiguration` has a field of its own, the field is set.
    mutating func kafkaConfiguration(servers: String) throws -> KafkaConfiguration {
        var configuration = try KafkaConfiguration(bootstrapServers: servers)
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { throw Failure("\(argument) is no PROPERTY=VALUE") }
            let value = String(parts[1])
            switch parts[0] {
            case "linger.ms":
                guard let milliseconds = Int(value) else { throw Failure("\(argument) is no count") }
                configuration.linger = .milliseconds(milliseconds)
            case "compression.type":
                guard let compression = KafkaConfiguration.Compression(rawValue: value) else {
                    throw Failure("\(argument) is no compression")
                }
                configuration.compression = compression
            case "queued.max.messages.kbytes":
                guard let kibibytes = Int(value) else { throw Failure("\(argument) is no count") }
                configuration.maximumFetchedBytes = kibibytes << 10
            default:
                configuration.properties[String(parts[0])] = value
            }
        }
        return configuration
    }
}
