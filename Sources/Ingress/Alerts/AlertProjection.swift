internal import BusClients
internal import Contracts
internal import Runtime
internal import SQLiteKit

/// The alerts of the fleet, from `fleet_events`.
final class AlertProjection: Projection {
    static let exchange = ExchangeName(StreamNames.fleetEvents)

    let name = "alerts"
    let migrations = AlertRows.migrations
    let sources: [ProjectionSource] = [.exchange(exchange, TopicPattern("alert.#"))]
    /// Acknowledgements that a request waits for, by the alert's id.
    let arrivals = Arrivals()

    private let time: any TimeSource

    init(time: any TimeSource) { self.time = time }

    func apply(_ batch: ProjectionBatch, _ connection: Connection) throws {
        var acknowledged: [String] = []
        for record in batch.records {
            do {
                if record.key.hasPrefix("alert.acknowledged.") {
                    let acknowledgement = try AlertAcknowledgement(json: record.body)
                    try connection.acknowledge(acknowledgement)
                    acknowledged.append(acknowledgement.alertID)
                } else {
                    try connection.store(try AlertChange(json: record.body))
                }
            } catch let error as SQLiteError {
                throw error
            } catch {
                throw UndecodableRecord("not an alert: \(error)")
            }
        }
        connection.afterCommit { [arrivals, acknowledged] in arrivals.arrived(acknowledged) }
    }

    func prune(_ connection: Connection) throws -> Bool { try connection.pruneAlerts(now: time.now) }
}
