internal import Runtime
internal import SQLiteKit
internal import Synchronization

/// One member of a consumer group.
///
/// The assignment is a function of the members that are alive, in the order they joined: partition `p` belongs to
/// member `p mod members`. Whoever reads it reads the same, so no coordinator is needed; a commit is checked against
/// it in the writer's transaction.
final class GroupMember: LogConsumer {
    private struct State {
        var assigned: Set<Int> = []
        var positions: [Int: Int64] = [:]
        var hasLeft = false
    }

    private let id: Int64
    private let group: ConsumerGroup
    private let topic: TopicRecord
    private let store: EmbeddedStore
    private let renewal: Task<Void, Never>
    private let state = Mutex(State())

    private init(id: Int64, group: ConsumerGroup, topic: TopicRecord, store: EmbeddedStore) {
        self.id = id
        self.group = group
        self.topic = topic
        self.store = store
        renewal = store.repeating(every: store.configuration.sessionTimeout / 3) {
            await Self.renew(id, topic: topic, store: store)
        }
    }

    deinit { leave() }

    static func join(
        _ group: ConsumerGroup, topic: TopicRecord, store: EmbeddedStore
    ) async throws(BusError) -> GroupMember {
        let id = try await BusError.mapping {
            try await store.database.write { [store] connection in
                try connection.run(
                    "INSERT INTO group_members (name, topic, process, until) VALUES (?, ?, ?, ?)",
                    .text(group.rawValue), .integer(topic.id), .integer(store.presence.process),
                    .integer(store.uptime + store.configuration.sessionTimeout.nanoseconds))
                store.announce(topic.signal, after: connection)
                return connection.lastInsertedRow
            }
        }
        return GroupMember(id: id, group: group, topic: topic, store: store)
    }

    private static func renew(_ id: Int64, topic: TopicRecord, store: EmbeddedStore) async {
        do {
            try await store.database.write { connection in
                if try store.presence.takeOverFromTheDead(connection) {
                    store.announce(topic.signal, after: connection)
                }
                let hasLapsed = try connection.first(
                    "SELECT 1 FROM group_members WHERE id = ? AND until <= ?", .integer(id), .integer(store.uptime)
                ) { _ in true }
                // It had no partitions meanwhile, and nobody else will tell it that it has them again.
                if hasLapsed == true { store.announce(topic.signal, after: connection) }
                try connection.run(
                    "UPDATE group_members SET until = ? WHERE id = ?",
                    .integer(store.uptime + store.configuration.sessionTimeout.nanoseconds), .integer(id))
            }
        } catch {
            store.logger.warning("group_renewal_failed", ["error": "\(error)"])
        }
    }

    func next() async throws(BusError) -> [StoredRecord]? {
        while !Task.isCancelled, !store.isClosing, !state.withLock({ $0.hasLeft }) {
            let generation = topic.signal.generation
            let held = state.withLock { $0.positions }
            let page = try await BusError.mapping {
                try await store.database.read { [self, uptime = store.uptime] connection in
                    let view = try connection.membership(of: group, topic: topic, uptime: uptime)
                    let assigned = view.partitions(of: id, count: topic.partitions.count)
                    // Another member may have had the partition meanwhile, and have committed further.
                    let committed = try connection.committedOffsets(of: group, in: topic)
                    var positions: [Int: Int64] = [:]
                    for partition in assigned {
                        positions[partition] = max(held[partition] ?? 0, committed[partition] ?? 0)
                    }
                    let records = try connection.records(of: topic, partitions: assigned.sorted(), from: positions)
                    for record in records { positions[record.position.partition] = record.position.offset + 1 }
                    return Page(records: records, assigned: assigned, positions: positions, nextExpiry: view.nextExpiry)
                }
            }
            state.withLock { state in
                state.assigned = page.assigned
                state.positions = page.positions
            }
            if !page.records.isEmpty { return page.records }
            await topic.signal.wait(
                past: generation, until: page.nextExpiry.map { .nanoseconds($0) }, time: store.time)
        }
        leave()
        return nil
    }

    private struct Page: Sendable {
        let records: [StoredRecord]
        let assigned: Set<Int>
        let positions: [Int: Int64]
        let nextExpiry: Int64?
    }

    func commit(_ offsets: [Int: Int64]) async throws(BusError) {
        do {
            try await BusError.mapping { try await write(offsets) }
        } catch  where error.code == .rebalanced {
            // What was read and is not committed belongs to whoever has the partition next, this member included.
            state.withLock { state in for partition in offsets.keys { state.positions[partition] = nil } }
            throw error
        }
    }

    private func write(_ offsets: [Int: Int64]) async throws {
        try await store.database.write { [self] connection in
            let view = try connection.membership(of: group, topic: topic, uptime: store.uptime)
            let assigned = view.partitions(of: id, count: topic.partitions.count)
            guard assigned.isSuperset(of: offsets.keys) else {
                throw BusError(.rebalanced, "a partition of the commit belongs to another member now")
            }
            for (partition, offset) in offsets {
                try connection.run(
                    """
                    INSERT INTO group_offsets (name, partition, next_offset) VALUES (?, ?, ?)
                    ON CONFLICT (name, partition) DO UPDATE SET next_offset = max(next_offset, excluded.next_offset)
                    """, .text(group.rawValue), .integer(topic.partitions[partition]), .integer(offset))
            }
        }
    }

    func assignment() async -> Set<Int> { state.withLock { $0.assigned } }

    func close() async { leave() }

    private func leave() {
        let isFirst = state.withLock { state in
            defer { state.hasLeft = true }
            return !state.hasLeft
        }
        guard isFirst else { return }
        renewal.cancel()
        store.database.submit { [id, topic, store] connection in
            try connection.run("DELETE FROM group_members WHERE id = ?", .integer(id))
            store.announce(topic.signal, after: connection)
        } completion: { [store] result in
            if case .failure(let error) = result, !store.isClosing {
                store.logger.warning("group_leave_failed", ["error": "\(error)"])
            }
        }
        topic.signal.raise()
    }
}

/// The members of a group that are alive, in the order they joined.
struct GroupMembership: Sendable {
    let members: [Int64]
    /// When the next of them falls silent unless it renews.
    let nextExpiry: Int64?

    func partitions(of member: Int64, count: Int) -> Set<Int> {
        guard let index = members.firstIndex(of: member) else { return [] }
        return Set(stride(from: index, to: count, by: members.count))
    }
}

extension Connection {
    func membership(of group: ConsumerGroup, topic: TopicRecord, uptime: Int64) throws -> GroupMembership {
        let members = try query(
            "SELECT id, until FROM group_members WHERE topic = ? AND name = ? AND until > ? ORDER BY id",
            .integer(topic.id), .text(group.rawValue), .integer(uptime)
        ) { (id: $0.int(0), until: $0.int(1)) }
        return GroupMembership(members: members.map(\.id), nextExpiry: members.map(\.until).min())
    }

    func committedOffsets(of group: ConsumerGroup, in topic: TopicRecord) throws -> [Int: Int64] {
        var offsets: [Int: Int64] = [:]
        for (number, partition) in topic.partitions.enumerated() {
            offsets[number] = try first(
                "SELECT next_offset FROM group_offsets WHERE name = ? AND partition = ?", .text(group.rawValue),
                .integer(partition)
            ) { $0.int(0) }
        }
        return offsets
    }
}
