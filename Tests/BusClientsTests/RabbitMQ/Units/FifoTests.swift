import Testing

@testable import BusClients

@Suite struct FifoTests {
    @Test func keepsItsOrderThroughManyTurns() {
        var fifo = Fifo<Int>()
        var (next, expected) = (0, 0)
        for round in 0..<2000 {
            for _ in 0..<(round % 7) {
                fifo.append(next)
                next += 1
            }
            for _ in 0..<(round % 5) {
                guard let taken = fifo.popFirst() else { break }
                #expect(taken == expected)
                expected += 1
            }
            #expect(fifo.count == next - expected)
        }
        #expect(Array(fifo) == Array(expected..<next))
    }

    @Test func putsElementsBeforeTheOthers() {
        var fifo = Fifo([1, 2, 3])
        _ = fifo.popFirst()
        fifo.prepend([8, 9])
        #expect(Array(fifo) == [8, 9, 2, 3])
        #expect(fifo.first == 8)
        fifo.prepend([])
        #expect(fifo.count == 4)
    }

    @Test func releasesWhatWasTaken() {
        final class Thing {}
        var fifo = Fifo<Thing>()
        weak var released: Thing?
        do {
            let thing = Thing()
            released = thing
            fifo.append(thing)
            fifo.append(Thing())
        }
        _ = fifo.popFirst()
        #expect(released == nil)
    }
}
