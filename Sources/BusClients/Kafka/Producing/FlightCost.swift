/// What an append takes of the producer's buffer.
struct FlightCost: Equatable {
    var records: Int
    var bytes: Int

    static func + (left: FlightCost, right: FlightCost) -> FlightCost {
        FlightCost(records: left.records + right.records, bytes: left.bytes + right.bytes)
    }

    static func - (left: FlightCost, right: FlightCost) -> FlightCost {
        FlightCost(records: left.records - right.records, bytes: left.bytes - right.bytes)
    }

    /// The cost of records, at most the whole buffer: a larger call waits until it is alone.
    /// - Throws: `.messageTooLarge` for a record that no broker is asked to take.
    init(of records: [LogRecord], atMost limit: FlightCost) throws(BusError) {
        var bytes = 0
        for record in records {
            guard record.value.count <= Message.maximumBodyBytes else {
                throw BusError(.messageTooLarge, "a record has at most \(Message.maximumBodyBytes) bytes")
            }
            bytes += record.byteCount
        }
        self.init(records: min(records.count, limit.records), bytes: min(bytes, limit.bytes))
    }

    init(records: Int, bytes: Int) {
        self.records = records
        self.bytes = bytes
    }
}

extension LogRecord {
    /// Bytes of the key, headers and value.
    var byteCount: Int { key.utf8.count + headers.encoded.count + value.count }
}
