/// What travels over the bus: an identity, headers and an opaque body.
public struct Message: Sendable, Hashable {
    /// Chosen by the producer. Consumers tell a repeated message by it.
    public var id: MessageID
    /// Ordered name and value pairs, such as CloudEvents attributes or a trace context.
    public var headers: Headers
    /// The body's bytes; at most `Message.maximumBodyBytes`.
    public var body: [UInt8]

    /// 16 MiB. A larger body is refused with `BusError.Code.messageTooLarge`.
    public static let maximumBodyBytes = 16 << 20

    /// Each parameter is the property of its name.
    public init(id: MessageID, headers: Headers = [:], body: [UInt8]) {
        self.id = id
        self.headers = headers
        self.body = body
    }
}
