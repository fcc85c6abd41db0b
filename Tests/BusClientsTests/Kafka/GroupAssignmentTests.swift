import Testing

@testable import BusClients

@Suite struct GroupAssignmentTests {
    private var assignment = GroupAssignment()

    /// The offsets that were handed out.
    private mutating func handOut(_ partition: Int, _ offsets: Int64...) -> [Int64] {
        var records = records(partition, offsets)
        assignment.handOut(&records)
        return records.map(\.position.offset)
    }

    private func records(_ partition: Int, _ offsets: [Int64]) -> [StoredRecord] {
        offsets.map {
            StoredRecord(
                position: LogPosition(partition: partition, offset: $0), record: LogRecord(key: "", value: []),
                appendedAt: Timestamp(microseconds: 0))
        }
    }

    @Test mutating func handsOutOnlyWhatIsAssigned() {
        assignment.assign([0, 1])
        #expect(handOut(0, 5) == [5])
        #expect(handOut(2, 5) == [])
        assignment.revoke([0])
        #expect(handOut(0, 6) == [])
        #expect(assignment.numbers == [1])
    }

    @Test mutating func commitsWhatWasHandedOut() {
        assignment.assign([0])
        #expect(!assignment.mayCommit([0: 1]))
        _ = handOut(0, 10, 11, 14)
        for offset: Int64 in [10, 12, 15] { #expect(assignment.mayCommit([0: offset])) }
        for offset: Int64 in [9, 16] { #expect(!assignment.mayCommit([0: offset])) }
    }

    @Test mutating func refusesAllForOneLostPartition() {
        assignment.assign([0, 1])
        _ = handOut(0, 0)
        _ = handOut(1, 0)
        #expect(assignment.mayCommit([0: 1, 1: 1]))
        assignment.revoke([1])
        #expect(!assignment.mayCommit([0: 1, 1: 1]))
    }

    @Test mutating func refusesWhatIsFromBeforeItWasLost() {
        assignment.assign([0])
        _ = handOut(0, 0, 1, 2)
        assignment.revoke([0])
        assignment.assign([0])
        #expect(!assignment.mayCommit([0: 3]))
        // Another member committed up to 50 meanwhile.
        _ = handOut(0, 50)
        #expect(!assignment.mayCommit([0: 3]))
        #expect(assignment.mayCommit([0: 51]))
    }

    @Test mutating func keepsTheOthersOfABatchWithALostPartition() {
        assignment.assign([0, 2])
        var batch = records(0, [7, 8]) + records(1, [3]) + records(2, [1]) + records(0, [9])
        assignment.handOut(&batch)
        let positions = [(0, 7), (0, 8), (2, 1), (0, 9)].map { LogPosition(partition: $0.0, offset: $0.1) }
        #expect(batch.map(\.position) == positions)
        #expect(assignment.mayCommit([0: 10, 2: 2]))
        #expect(!assignment.mayCommit([0: 11]))
    }

    @Test mutating func takesARecordThatComesTwice() {
        assignment.assign([0])
        #expect(handOut(0, 3, 4, 3, 4) == [3, 4, 3, 4])
        #expect(assignment.mayCommit([0: 5]))
    }
}
