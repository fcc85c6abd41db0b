extension BusName {
    /// AMQP's bound: 1 to 255 bytes.
    func validate() throws(BusError) {
        guard (1...255).contains(rawValue.utf8.count) else {
            throw BusError(.invalidName, "a name has 1 to 255 bytes, this one \(rawValue.utf8.count)")
        }
    }
}

extension Message {
    func validate() throws(BusError) {
        try id.validate()
        guard body.count <= Self.maximumBodyBytes else {
            throw BusError(
                .messageTooLarge, "a body has at most \(Self.maximumBodyBytes) bytes, this one \(body.count)")
        }
    }
}
