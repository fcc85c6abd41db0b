internal import BusClients
internal import Contracts
internal import Runtime
internal import SQLiteKit

/// Which refusals of devices the fleet has been told of: what one ingress has told, no other tells again.
final class CommandNoticeProjection: Projection {
    let name = "command-notices"
    let migrations: [Migration] = []
    let sources: [ProjectionSource] = [.exchange(AlertProjection.exchange, TopicPattern("command.failed.#"))]

    private let time: any TimeSource

    init(time: any TimeSource) { self.time = time }

    func apply(_ batch: ProjectionBatch, _ connection: Connection) throws {
        for record in batch.records {
            let notice: CommandFailureNotice
            do {
                notice = try CommandFailureNotice(json: record.body)
            } catch {
                throw UndecodableRecord("not a command's failure: \(error)")
            }
            // Of the other ends somebody else tells.
            if notice.state == .rejected { try connection.noteNotice(notice, now: time.now) }
        }
    }

    func prune(_ connection: Connection) throws -> Bool {
        try connection.pruneNotices(before: time.now.advanced(by: .zero - CommandProjection.retention))
    }
}
