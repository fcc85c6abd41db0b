internal import CRabbitMQ

/// A message whose frames are arriving: a method, then the properties, then the body in pieces.
struct ContentAssembly {
    enum Kind { case delivery, returned }

    let kind: Kind
    var message: ReceivedMessage
    /// Bytes of the body that have not come; nil before the properties.
    private var missing: Int?

    init(_ kind: Kind, _ message: ReceivedMessage) {
        self.kind = kind
        self.message = message
    }

    /// Takes the properties.
    /// - Returns: Whether the message is whole, or nil when this frame cannot come now.
    mutating func takeHeader(_ frame: amqp_frame_t) -> Bool? {
        let header = frame.payload.properties
        guard missing == nil, header.class_id == UInt16(AMQP_BASIC_CLASS), let decoded = header.decoded,
            let size = Int(exactly: header.body_size)
        else { return nil }
        message.take(decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee)
        missing = size
        return size == 0
    }

    /// Takes a piece of the body.
    /// - Returns: Whether the message is whole, or nil when this frame cannot come now.
    mutating func takeBody(_ frame: amqp_frame_t) -> Bool? {
        let bytes = UnsafeRawBufferPointer(frame.payload.body_fragment)
        guard let left = missing, bytes.count <= left else { return nil }
        if message.body.isEmpty, bytes.count == left {
            message.body = [UInt8](bytes)
        } else {
            // The announced size is not trusted with memory beyond what a message of ours may have.
            if message.body.isEmpty { message.body.reserveCapacity(min(left, Message.maximumBodyBytes)) }
            message.body.append(contentsOf: bytes)
        }
        missing = left - bytes.count
        return left == bytes.count
    }
}
