package import BusClients
package import SQLiteKit

/// A view built from logs: rows of views.db, and what is kept in memory beside them.
///
/// The runner calls `apply` on the database's writer thread, one batch of one source at a time, and stores the source's
/// offset in the same transaction: every record is applied exactly once, whatever is killed. Records of one log
/// partition, and the events of one exchange, come in their order; different sources may interleave.
package protocol Projection: Sendable {
    /// Names the offsets in views.db, log lines and metrics; never changes.
    var name: String { get }

    /// The tables this projection owns, prefixed with its name in their migrations' names.
    var migrations: [Migration] { get }

    /// What it reads.
    var sources: [ProjectionSource] { get }

    /// Loads what is kept in memory from the rows, once, before the first `apply`.
    func load(from database: Database) async throws

    /// A source is read from these offsets on, by partition; one without an offset from its oldest record. Called before
    /// the first `apply` of the source, and again whenever its reading begins anew.
    func began(_ source: ProjectionSource, at offsets: [Int: Int64])

    /// Writes a batch's rows, inside the transaction that also stores the offset.
    ///
    /// A throw rolls the batch back. Then its records are applied one by one, and one that fails alone with an error
    /// other than the database's own trouble (`SQLiteError` but `.constraint`) is poison: logged with its position,
    /// counted and skipped. So `apply` may simply throw (``UndecodableRecord``) on a body it cannot read.
    func apply(_ batch: ProjectionBatch, _ connection: Connection) throws

    /// Called after the commit with a batch whose records were all applied: wakes waiters, updates latest values.
    ///
    /// Called on any thread, in the order of the commits of one source. Use `connection.afterCommit` in `apply` instead
    /// where what was decoded there is needed again.
    func committed(_ batch: ProjectionBatch)

    /// Deletes some of the rows past their retention, so few that whoever waits for the writer is held up for
    /// milliseconds; answers whether there are more. Called about every minute, again and again until there are none,
    /// each time inside a transaction of its own.
    func prune(_ connection: Connection) throws -> Bool
}

extension Projection {
    package func load(from database: Database) async throws {}
    package func began(_ source: ProjectionSource, at offsets: [Int: Int64]) {}
    package func committed(_ batch: ProjectionBatch) {}
    package func prune(_ connection: Connection) throws -> Bool { false }
}

/// One stream that a projection reads from its oldest retained record on.
package enum ProjectionSource: Sendable, Hashable {
    case log(Topic)
    /// The events whose routing key matches the pattern.
    case exchange(ExchangeName, TopicPattern)

    /// The topic's or the exchange's name.
    package var name: String {
        switch self {
        case .log(let topic): topic.rawValue
        case .exchange(let exchange, _): exchange.rawValue
        }
    }

    /// Names its offsets in views.db: those of another transport count other records.
    func offsetsName(on bus: Bus) -> String {
        let transport =
            switch self {
            case .log: bus.log.connection.transport
            case .exchange: bus.events.connection.transport
            }
        return transport == .embedded ? name : "\(name)@\(transport.rawValue)"
    }
}

/// Records of one source in their order; at least one.
package struct ProjectionBatch: Sendable {
    package let source: ProjectionSource
    package let records: [ProjectionRecord]

    package init(source: ProjectionSource, records: [ProjectionRecord]) {
        self.source = source
        self.records = records
    }
}

/// A log record or an event.
package struct ProjectionRecord: Sendable {
    /// An event's partition is 0.
    package let position: LogPosition
    /// The record's key, or the event's routing key.
    package let key: String
    package let headers: Headers
    package let body: [UInt8]
    /// When it was appended or published, in microseconds since 1970.
    package let timestamp: Int64

    package init(position: LogPosition, key: String, headers: Headers, body: [UInt8], timestamp: Int64) {
        self.position = position
        self.key = key
        self.headers = headers
        self.body = body
        self.timestamp = timestamp
    }
}

/// A record that no retry can make readable.
package struct UndecodableRecord: Error, Sendable, CustomStringConvertible {
    /// Why, without the payload.
    package let reason: String

    package init(_ reason: String) { self.reason = reason }

    package var description: String { reason }
}

extension [ProjectionRecord] {
    /// Where each partition goes on after these records.
    var nextOffsets: [Int: Int64] { reduce(into: [:]) { $0[$1.position.partition] = $1.position.offset + 1 } }
}
