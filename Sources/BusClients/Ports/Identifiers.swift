/// A name on the bus: a non-empty text whose meaning is its type.
public protocol BusName: RawRepresentable, Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral
where RawValue == String, StringLiteralType == String {
    /// Takes any text; ports refuse an empty one or one over 255 bytes with `BusError.Code.invalidName`.
    init(_ name: String)
}

extension BusName {
    /// As `init(_:)`.
    public init(rawValue: String) { self.init(rawValue) }
    /// As `init(_:)`.
    public init(stringLiteral value: String) { self.init(value) }
    /// The name itself.
    public var description: String { rawValue }
}

/// The name of a work queue, such as `command.requests`.
public struct QueueName: BusName {
    public let rawValue: String
    public init(_ name: String) { rawValue = name }
}

/// The name of an event exchange, such as `optimization_events`.
public struct ExchangeName: BusName {
    public let rawValue: String
    public init(_ name: String) { rawValue = name }
}

/// The name of a topic of the message log, such as `device_commands`.
public struct Topic: BusName {
    public let rawValue: String
    public init(_ name: String) { rawValue = name }
}

/// The routing key of an event: words separated by dots, such as `optimization.memory.optimized`.
public struct RoutingKey: BusName {
    public let rawValue: String
    public init(_ name: String) { rawValue = name }
}

/// The name of a consumer group: its members share the partitions of a topic and one set of committed offsets.
public struct ConsumerGroup: BusName {
    public let rawValue: String
    public init(_ name: String) { rawValue = name }
}

/// The identity of a message, chosen by its producer; unique within a queue while the message is in it.
public struct MessageID: BusName {
    public let rawValue: String
    public init(_ name: String) { rawValue = name }
}
