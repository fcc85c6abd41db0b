internal import Contracts
internal import Runtime
internal import SQLiteKit

/// What one source of a list has found.
struct CommandFindings {
    struct Entry {
        let at: Int64
        let cursor: CommandCursor
        /// Nil for one that has a row: it is read when it is known to be on the page.
        let status: CommandStatus?
    }

    /// The newest first.
    var entries: [Entry] = []
    /// Everything that is newer has been looked at, and nothing else; nil when nothing is left.
    var floor: Int64?
}

extension Connection {
    /// Commands looked at for one page, beyond which it ends as it is: some tens of milliseconds.
    static let lookedAt = 20_000
    private static let step = 1000

    /// A page of commands from two sources: the rows, and the batches whose commands have none yet. One that gets its row
    /// between two pages may be on both, and none is left out.
    func commands(_ query: CommandQuery) throws -> CommandPage {
        let waiting = try waitingCommands(query)
        let rows = try rowsOfCommands(query)
        let floor = [waiting.floor, rows.floor].compactMap(\.self).max()
        var page = CommandPage(commands: [])
        var last: CommandCursor?
        var (left, right) = (waiting.entries[...], rows.entries[...])
        while page.commands.count < query.limit {
            let takesLeft = (left.first?.at ?? .min) >= (right.first?.at ?? .min)
            guard let entry = takesLeft ? left.popFirst() ?? right.popFirst() : right.popFirst() else { break }
            if let floor, entry.at <= floor { return page.ending(at: .time(floor)) }
            last = entry.cursor
            let status = try entry.status ?? command(entry.cursor)
            if let status { page.commands.append(status) }
        }
        guard left.isEmpty, right.isEmpty else { return page.ending(at: last) }
        return page.ending(at: floor.map(CommandCursor.time))
    }

    private func command(_ cursor: CommandCursor) throws -> CommandStatus? {
        guard case .row(_, let id) = cursor else { return nil }
        return try command(id)
    }

    // MARK: Rows

    private func rowsOfCommands(_ query: CommandQuery) throws -> CommandFindings {
        var findings = CommandFindings()
        guard var place = try firstPlace(query) else { return findings }
        let top = place.at
        var looked = 0
        while true {
            let candidates = try candidates(query, before: place)
            for candidate in candidates {
                guard let id = try matchingID(of: candidate.id, query) else { continue }
                findings.entries.append(.init(at: candidate.at, cursor: .row(at: candidate.at, id: id), status: nil))
                if findings.entries.count > query.limit { return findings }
            }
            guard candidates.count == Self.step, let last = candidates.last else { return findings }
            place = last
            looked += candidates.count
            if looked >= Self.lookedAt, last.at < top {
                findings.floor = last.at
                return findings
            }
        }
    }

    /// Where rows are looked for from; nil when there can be none.
    private func firstPlace(_ query: CommandQuery) throws -> CommandPlace? {
        let until = query.until?.microseconds ?? .max
        switch query.cursor {
        case .row(let at, let id):
            let row = try first("SELECT id FROM commands WHERE request_id = ?", .text(id)) { $0.int(0) }
            // A row that is gone was older than all that are left, but for some of its time.
            let place = CommandPlace(at: at, id: row ?? .min)
            return place.at > until ? CommandPlace(at: until, id: .max) : place
        case .waiting(let at, _), .time(let at): return CommandPlace(at: min(at, until), id: .max)
        case nil: return CommandPlace(at: until, id: .max)
        }
    }

    private func candidates(_ query: CommandQuery, before place: CommandPlace) throws -> [CommandPlace] {
        let since = query.since?.microseconds ?? .min
        guard let state = query.state, state.isFinal else {
            return try placesInBlocks(
                before: place, since: since, device: query.device.map { CommandBlock.hash($0.utf8) },
                type: query.type.map { CommandBlock.hash($0.utf8) }, limit: Self.step)
        }
        return try self.query(
            CommandRows.endings, .text(state.rawValue), .integer(since), .integer(place.at), .integer(place.id),
            .integer(Int64(Self.step))
        ) { CommandPlace(at: $0.int(0), id: $0.int(1)) }
    }

    /// The request id of a row that the query is about; nil for another.
    private func matchingID(of row: Int64, _ query: CommandQuery) throws -> String? {
        try first(
            CommandRows.match, .integer(row), Binding(query.device), Binding(query.type),
            Binding(query.state?.rawValue)
        ) { $0.text(0) }
    }

    // MARK: Batches

    /// Bodies of a thousand commands each, read for one page.
    private static let maximumBodies = 32

    private func waitingCommands(_ query: CommandQuery) throws -> CommandFindings {
        var findings = CommandFindings()
        guard query.state == nil || query.state == .accepted else { return findings }
        var top = min(query.cursor?.at ?? .max, query.until?.microseconds ?? .max)
        // All of them go before the rows of their time.
        if case .row(let at, _) = query.cursor, at <= top { top = at - 1 }
        var bodies = 0
        try forEach(
            """
            SELECT created_at, body FROM accepted_batches WHERE created_at <= ? AND created_at >= ?
            ORDER BY created_at DESC, prefix DESC, first DESC
            """, .integer(top), .integer(query.since?.microseconds ?? .min)
        ) { row in
            let at = row.int(0)
            if findings.entries.count > query.limit { return false }
            if bodies >= Self.maximumBodies, at < top {
                findings.floor = at
                return false
            }
            bodies += 1
            let statuses = try AcceptedBatch.statuses(in: row.blob(1)) { CommandID.inBatch($0.prefix, $1) }
            try add(statuses, at, query, to: &findings)
            return true
        }
        return findings
    }

    private func add(
        _ statuses: [CommandStatus], _ at: Int64, _ query: CommandQuery, to findings: inout CommandFindings
    ) throws {
        guard let first = statuses.first, let last = statuses.last else { return }
        let known = Set(
            try self.query(
                "SELECT request_id FROM commands WHERE request_id >= ? AND request_id <= ?", .text(first.requestID),
                .text(last.requestID)
            ) { $0.text(0) })
        for status in statuses.reversed() where !known.contains(status.requestID) {
            if let device = query.device, device != status.deviceID { continue }
            if let type = query.type, type != status.commandType { continue }
            if case .waiting(at, let cursor) = query.cursor, status.requestID >= cursor { continue }
            findings.entries.append(
                .init(at: at, cursor: .waiting(at: at, id: status.requestID), status: status))
        }
    }
}

extension CommandPage {
    fileprivate func ending(at cursor: CommandCursor?) -> CommandPage {
        var page = self
        page.next = cursor
        return page
    }
}
