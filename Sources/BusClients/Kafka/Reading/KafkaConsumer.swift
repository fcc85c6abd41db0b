/// A member of a Kafka consumer group.
///
/// Leaves the group when it is closed, its task is cancelled while it waits, or it is released.
final class KafkaConsumer: LogConsumer {
    private let member: KafkaGroupMember

    init(_ member: KafkaGroupMember) { self.member = member }

    deinit { member.leave() }

    func next() async throws(BusError) -> [StoredRecord]? { try await member.next() }

    func commit(_ offsets: [Int: Int64]) async throws(BusError) { try await member.commit(offsets) }

    func assignment() async -> Set<Int> { member.assignment }

    func close() async { await member.close() }
}
