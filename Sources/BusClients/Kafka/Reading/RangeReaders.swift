internal import Synchronization

/// The clients that serve `read`: kept, because a new one costs a connection; at most four.
final class RangeReaders: Sendable {
    private static let maximum = 4

    private let core: KafkaCore
    private let readers = Mutex<[RangeReader]>([])

    init(_ core: KafkaCore) { self.core = core }

    /// One that has nothing to do, a new one, or the one with the least to do.
    func next() throws(BusError) -> RangeReader {
        if let reader = readers.withLock({ Self.choose(from: $0) }) { return reader }
        let new = try RangeReader(core)
        let chosen: RangeReader? = readers.withLock { readers in
            guard !core.isClosing else { return nil }
            // Others may have made some meanwhile.
            if let reader = Self.choose(from: readers) { return reader }
            readers.append(new)
            return new
        }
        if chosen !== new { new.close() }
        guard let chosen else { throw KafkaCore.closed }
        return chosen
    }

    private static func choose(from readers: [RangeReader]) -> RangeReader? {
        if let idle = readers.first(where: { $0.waiting == 0 }) { return idle }
        return readers.count < maximum ? nil : readers.min { $0.waiting < $1.waiting }
    }

    func close() {
        let all = readers.withLock { readers in
            defer { readers = [] }
            return readers
        }
        for reader in all { reader.close() }
    }
}
