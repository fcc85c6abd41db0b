internal import CRabbitMQ

extension String {
    /// Text that the library received; bytes that are no UTF-8 become U+FFFD.
    init(_ bytes: amqp_bytes_t) { self = String(decoding: UnsafeRawBufferPointer(bytes), as: UTF8.self) }

    /// Lends the text to the library without copying it.
    func withAMQPBytes<R>(_ body: (amqp_bytes_t) -> R) -> R {
        var text = self
        return text.withUTF8 { body(amqp_bytes_t(UnsafeRawBufferPointer($0))) }
    }
}

extension UnsafeRawBufferPointer {
    init(_ bytes: amqp_bytes_t) { self.init(start: bytes.bytes, count: bytes.len) }
}

extension amqp_bytes_t {
    /// The library only reads what it is lent.
    init(_ bytes: UnsafeRawBufferPointer) {
        self.init(len: bytes.count, bytes: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }

    init(_ text: StaticString) {
        self.init(len: text.utf8CodeUnitCount, bytes: UnsafeMutableRawPointer(mutating: text.utf8Start))
    }

    /// Whether the bytes are those of the text.
    func isEqual(to text: StaticString) -> Bool {
        len == text.utf8CodeUnitCount
            && UnsafeRawBufferPointer(self).elementsEqual(
                UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
