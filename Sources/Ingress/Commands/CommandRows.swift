internal import Contracts
internal import Runtime
internal import SQLiteKit

/// The rows of the commands' view.
enum CommandRows {
    static let migrations = [
        Migration(
            "commands-1",
            """
            CREATE TABLE commands (
                id INTEGER PRIMARY KEY,
                request_id TEXT NOT NULL UNIQUE,
                created_at INTEGER NOT NULL,
                device_id TEXT, command_type TEXT, protocol TEXT, fingerprint TEXT, expires_at INTEGER,
                accepted_at INTEGER, accepted_queue TEXT, accepted_message TEXT,
                published_at INTEGER, published_topic TEXT, published_partition INTEGER, published_offset INTEGER,
                settled_rank INTEGER, settled_state TEXT, settled_at INTEGER, settled_evidence TEXT
            );
            CREATE TABLE accepted_batches (
                id INTEGER PRIMARY KEY,
                prefix TEXT NOT NULL,
                first INTEGER NOT NULL,
                created_at INTEGER NOT NULL,
                body BLOB NOT NULL,
                UNIQUE (prefix, first)
            );
            """),
        // What lists are found by. Rows have no index of their time or device: entering each would cost a batch a tenth
        // of its rate, or half of it for devices in random order. A block holds a little of a thousand rows instead. The
        // index of endings costs only what ends. A batch goes when each of its commands has a row.
        Migration(
            "commands-2",
            """
            ALTER TABLE commands ADD COLUMN ending TEXT;
            UPDATE commands SET ending = settled_state
            WHERE settled_state IS NOT NULL AND (published_at IS NULL OR settled_rank > 2);
            CREATE INDEX commands_by_end ON commands (ending, created_at) WHERE ending IS NOT NULL;
            ALTER TABLE accepted_batches ADD COLUMN last INTEGER;
            ALTER TABLE accepted_batches ADD COLUMN own INTEGER;
            CREATE INDEX accepted_batches_by_time ON accepted_batches (created_at, prefix, first);
            CREATE TABLE command_blocks (
                first INTEGER PRIMARY KEY,
                oldest INTEGER NOT NULL,
                newest INTEGER NOT NULL,
                times BLOB NOT NULL,
                devices BLOB NOT NULL,
                types BLOB NOT NULL
            );
            CREATE INDEX command_blocks_by_time ON command_blocks (newest, oldest)
            """),
        CommandNoticeRows.migration,
    ]

    /// Rows of an ending, before a place.
    static let endings = """
        SELECT created_at, id FROM commands
        WHERE ending = ?1 AND ending IS NOT NULL AND created_at >= ?2 AND created_at <= ?3
            AND (created_at < ?3 OR id < ?4)
        ORDER BY created_at DESC, id DESC LIMIT ?5
        """

    /// A row, if it is a known command of this device, type and state.
    static let match = """
        SELECT request_id FROM commands WHERE id = ?1 AND device_id IS NOT NULL
            AND (accepted_at IS NOT NULL OR published_at IS NOT NULL)
            AND (?2 IS NULL OR device_id = ?2) AND (?3 IS NULL OR command_type = ?3)
            AND (?4 IS NULL OR ?4 = coalesce(ending, iif(published_at IS NULL, 'accepted', 'published')))
        """

    /// A command's steps are kept once each, the first to come; a settling step gives way only to one of higher rank.
    fileprivate static let upsert = """
        INSERT INTO commands (request_id, created_at, device_id, command_type, protocol, fingerprint, expires_at,
            accepted_at, accepted_queue, accepted_message,
            published_at, published_topic, published_partition, published_offset,
            settled_rank, settled_state, settled_at, settled_evidence)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (request_id) DO UPDATE SET
            device_id = coalesce(device_id, excluded.device_id),
            command_type = coalesce(command_type, excluded.command_type),
            protocol = coalesce(protocol, excluded.protocol),
            fingerprint = coalesce(fingerprint, excluded.fingerprint),
            expires_at = coalesce(expires_at, excluded.expires_at),
            accepted_at = coalesce(accepted_at, excluded.accepted_at),
            accepted_queue = coalesce(accepted_queue, excluded.accepted_queue),
            accepted_message = coalesce(accepted_message, excluded.accepted_message),
            published_at = coalesce(published_at, excluded.published_at),
            published_topic = coalesce(published_topic, excluded.published_topic),
            published_partition = coalesce(published_partition, excluded.published_partition),
            published_offset = coalesce(published_offset, excluded.published_offset),
            settled_state = CASE WHEN excluded.settled_rank > coalesce(settled_rank, 0)
                THEN excluded.settled_state ELSE settled_state END,
            settled_at = CASE WHEN excluded.settled_rank > coalesce(settled_rank, 0)
                THEN excluded.settled_at ELSE settled_at END,
            settled_evidence = CASE WHEN excluded.settled_rank > coalesce(settled_rank, 0)
                THEN excluded.settled_evidence ELSE settled_evidence END,
            settled_rank = max(coalesce(settled_rank, 0), coalesce(excluded.settled_rank, 0))
        """

    /// The usual case: the first that the view hears of a command is that it was published.
    fileprivate static let publish = """
        INSERT INTO commands (request_id, created_at, device_id, command_type, protocol, fingerprint, expires_at,
            accepted_at, accepted_queue, accepted_message,
            published_at, published_topic, published_partition, published_offset)
        VALUES (?1, ?8, ?2, ?3, ?4, ?5, ?6, ?8, ?9, ?10, ?7, ?11, ?12, ?13)
        ON CONFLICT (request_id) DO UPDATE SET
            device_id = coalesce(device_id, excluded.device_id),
            command_type = coalesce(command_type, excluded.command_type),
            protocol = coalesce(protocol, excluded.protocol),
            fingerprint = coalesce(fingerprint, excluded.fingerprint),
            expires_at = coalesce(expires_at, excluded.expires_at),
            accepted_at = coalesce(accepted_at, excluded.accepted_at),
            accepted_queue = coalesce(accepted_queue, excluded.accepted_queue),
            accepted_message = coalesce(accepted_message, excluded.accepted_message),
            published_at = coalesce(published_at, excluded.published_at),
            published_topic = coalesce(published_topic, excluded.published_topic),
            published_partition = coalesce(published_partition, excluded.published_partition),
            published_offset = coalesce(published_offset, excluded.published_offset),
            ending = CASE WHEN settled_rank = \(CommandState.failed.rank) AND ending = settled_state THEN NULL
                ELSE ending END
        """

    fileprivate static let columns = """
        device_id, command_type, protocol, fingerprint, expires_at, accepted_at, accepted_queue, accepted_message,
        published_at, published_topic, published_partition, published_offset, settled_state, settled_at, settled_evidence
        """
}

extension Connection {
    /// Adds what a status says to the command's row.
    func store(_ status: CommandStatus) throws {
        var accepted: (at: Int64, queue: String, message: String)?
        var published: (at: Int64, topic: String, partition: Int64, offset: Int64)?
        var settled: CommandTransition?
        for step in status.history {
            switch (step.state, step.evidence) {
            case (.accepted, .job(let queue, let message)): accepted = (step.at.microseconds, queue, message)
            case (.published, .record(let topic, let partition, let offset)):
                published = (step.at.microseconds, topic, Int64(partition), offset)
            case (.accepted, _), (.published, _): continue
            default: settled = step
            }
        }
        let created = accepted?.at ?? published?.at ?? settled?.at.microseconds ?? 0
        try run(
            CommandRows.upsert, .text(status.requestID), .integer(created), .text(status.deviceID),
            .text(status.commandType), .text(status.deviceProtocol), Binding(status.fingerprint),
            Binding(status.expiresAt?.microseconds), Binding(accepted?.at), Binding(accepted?.queue),
            Binding(accepted?.message), Binding(published?.at), Binding(published?.topic),
            Binding(published?.partition), Binding(published?.offset), Binding(settled.map { Int64($0.state.rank) }),
            Binding(settled?.state.rawValue), Binding(settled?.at.microseconds), Binding(settled?.evidenceText))
    }

    /// Adds that a command was published.
    func store(_ command: PublishedCommands.Command, of job: PublishedCommands) throws {
        try run(
            CommandRows.publish, .text(command.requestID), .text(command.deviceID), .text(command.commandType),
            .text(command.deviceProtocol), Binding(command.fingerprint), Binding(command.expiresAt?.microseconds),
            .integer(job.publishedAt.microseconds), .integer(command.acceptedAt.microseconds), .text(job.queue),
            .text(job.messageID), .text(job.topic), .integer(Int64(command.partition)), .integer(command.offset))
    }

    /// Adds a step that comes without the command, which may not be known yet. A producer's clock that is ahead must not
    /// keep the row from being deleted.
    func store(_ step: CommandTransition, of requestID: String, now: Timestamp) throws {
        try run(
            CommandRows.upsert, .text(requestID), .integer(min(step.at, now).microseconds), nil, nil, nil, nil, nil,
            nil, nil,
            nil, nil, nil, nil, nil, .integer(Int64(step.state.rank)), .text(step.state.rawValue),
            .integer(step.at.microseconds), .text(step.evidenceText))
    }

    /// Notes how a command ended, by which lists find it; called after a step that may have ended it was stored.
    /// - Parameter state: of that step, for a command that is not known yet.
    func noteEnding(of requestID: String, _ state: CommandState) throws {
        var ending = try command(requestID)?.state ?? state
        // A device's word may come before anything that it can follow.
        if ending.rank < state.rank { ending = state }
        try run(
            "UPDATE commands SET ending = ?1 WHERE request_id = ?2 AND ending IS NOT ?1",
            Binding(ending.isFinal ? ending.rawValue : nil), .text(requestID))
    }

    /// What is known of a device's acknowledgement of a command.
    enum Acknowledgement {
        case known
        /// Not there yet; the command was published then.
        case awaited(since: Timestamp)
        /// The command is not known as published.
        case early
    }

    func acknowledgement(of requestID: String) throws -> Acknowledgement {
        let found = try first(
            "SELECT published_at, settled_state FROM commands WHERE request_id = ?", .text(requestID)
        ) { row -> Acknowledgement in
            if row.textOrNil(1) == CommandState.acknowledged.rawValue { return .known }
            return row.intOrNil(0).map { .awaited(since: Timestamp(microseconds: $0)) } ?? .early
        }
        return found ?? .early
    }

    /// What is known of a command; nil when it was never accepted here.
    func command(_ requestID: String) throws -> CommandStatus? {
        let status = try first(
            "SELECT \(CommandRows.columns) FROM commands WHERE request_id = ?", .text(requestID)
        ) { try CommandStatus(requestID: requestID, row: $0) }
        if let status = status ?? nil { return status }
        guard let place = CommandID.place(of: requestID) else { return nil }
        let body = try first(
            "SELECT body FROM accepted_batches WHERE prefix = ? AND first <= ? ORDER BY first DESC LIMIT 1",
            .text(place.prefix), .integer(Int64(place.index))
        ) { $0.blob(0) }
        return try body.flatMap { try AcceptedBatch.status(at: place.index, requestID: requestID, in: $0) }
    }

    /// Deletes the oldest rows from before a time, at most so many of each table; answers whether there may be more.
    func pruneCommands(before end: Timestamp, limit: Int) throws -> Bool {
        var hasMore = false
        for table in ["commands", "accepted_batches"] {
            let oldest = try first("SELECT created_at FROM \(table) ORDER BY id LIMIT 1") { $0.int(0) }
            guard let oldest, oldest < end.microseconds else { continue }
            let deleted = try run(
                """
                DELETE FROM \(table) WHERE id IN (SELECT id FROM \(table) ORDER BY id LIMIT ?) AND created_at < ?
                """, .integer(Int64(limit)), .integer(end.microseconds))
            hasMore = hasMore || deleted == limit
        }
        try pruneBlocks(before: end, limit: 1 + limit / CommandBlock.capacity)
        return hasMore
    }
}

extension CommandTransition {
    fileprivate var evidenceText: String {
        var writer = JSONWriter(capacity: 96)
        evidence.write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension CommandStatus {
    /// Reads `CommandRows.columns`; nil when the row only holds a device's word on a command that is not known.
    fileprivate init?(requestID: String, row: Row) throws {
        var history: [CommandTransition] = []
        if let at = row.intOrNil(5) {
            let evidence = CommandTransition.Evidence.job(queue: row.text(6), messageID: row.text(7))
            history.append(CommandTransition(.accepted, at: Timestamp(microseconds: at), evidence: evidence))
        }
        if let at = row.intOrNil(8) {
            let evidence = CommandTransition.Evidence.record(
                topic: row.text(9), partition: Int(row.int(10)), offset: row.int(11))
            history.append(CommandTransition(.published, at: Timestamp(microseconds: at), evidence: evidence))
        }
        guard !history.isEmpty, let deviceID = row.textOrNil(0) else { return nil }
        if let state = row.textOrNil(12).flatMap(CommandState.init(rawValue:)) {
            let evidence = try CommandTransition.Evidence(JSONDocument(parsing: row.text(14)).root)
            history.append(CommandTransition(state, at: Timestamp(microseconds: row.int(13)), evidence: evidence))
            // A failure that a later attempt overcame comes before the record.
            if state.rank < CommandState.published.rank { history.sort { $0.at < $1.at } }
        }
        self.init(
            requestID: requestID, deviceID: deviceID, commandType: row.text(1), deviceProtocol: row.text(2),
            fingerprint: row.textOrNil(3), expiresAt: row.intOrNil(4).map { Timestamp(microseconds: $0) },
            history: history)
    }
}
