import Testing

@testable import BusClients

@Suite struct GroupAssignmentTests {
    private var assignment = GroupAssignment()

    private mutating func handOut(_ partition: Int, _ offsets: some Sequence<Int64>) -> [Bool] {
        offsets.map { assignment.handOut(LogPosition(partition: partition, offset: $0)) }
    }

    @Test mutating func handsOutOnlyWhatIsAssigned() {
        assignment.assign([0, 1])
        #expect(handOut(0, [5]) == [true])
        #expect(handOut(2, [5]) == [false])
        assignment.revoke([0])
        #expect(handOut(0, [6]) == [false])
        #expect(assignment.numbers == [1])
    }

    @Test mutating func commitsWhatWasHandedOut() {
        assignment.assign([0])
        #expect(!assignment.mayCommit([0: 1]))
        _ = handOut(0, [10, 11, 14])
        for offset: Int64 in [10, 12, 15] { #expect(assignment.mayCommit([0: offset])) }
        for offset: Int64 in [9, 16] { #expect(!assignment.mayCommit([0: offset])) }
    }

    @Test mutating func refusesAllForOneLostPartition() {
        assignment.assign([0, 1])
        _ = handOut(0, [0])
        _ = handOut(1, [0])
        #expect(assignment.mayCommit([0: 1, 1: 1]))
        assignment.revoke([1])
        #expect(!assignment.mayCommit([0: 1, 1: 1]))
    }

    @Test mutating func refusesWhatIsFromBeforeItWasLost() {
        assignment.assign([0])
        _ = handOut(0, [0, 1, 2])
        assignment.revoke([0])
        assignment.assign([0])
        #expect(!assignment.mayCommit([0: 3]))
        // Another member committed up to 50 meanwhile.
        _ = handOut(0, [50])
        #expect(!assignment.mayCommit([0: 3]))
        #expect(assignment.mayCommit([0: 51]))
    }

    @Test mutating func takesARecordThatComesTwice() {
        assignment.assign([0])
        #expect(handOut(0, [3, 4, 3, 4]) == [true, true, true, true])
        #expect(assignment.mayCommit([0: 5]))
    }
}
