import Testing

@testable import BusClients

@Suite struct ConfirmRingTests {
    private let unit = PublishUnit(
        (0..<20).map {
            Outgoing(routingKey: "q", message: Message(id: MessageID("m\($0)"), body: []), own: OwnHeaders())
        },
        deadline: .seconds(1))

    private func ring(_ count: Int, capacity: Int = 16) -> ConfirmRing {
        var ring = ConfirmRing(minimumCapacity: capacity)
        for index in 0..<count { ring.append(ConfirmRing.Entry(unit: unit, index: index, byteCount: 10)) }
        return ring
    }

    private func confirmed(_ ring: inout ConfirmRing, _ tag: UInt64, multiple: Bool = false) -> [Int] {
        var places: [Int] = []
        ring.confirm(tag, isMultiple: multiple) { places.append($0.index) }
        return places
    }

    @Test func confirmsOneOrAllUpToATag() {
        var ring = ring(5)
        #expect(confirmed(&ring, 2) == [1])
        #expect(confirmed(&ring, 4, multiple: true) == [0, 2, 3])
        #expect(ring.count == 1)
        #expect(ring.byteCount == 10)
        #expect(confirmed(&ring, 4) == [])
        #expect(confirmed(&ring, 99, multiple: true) == [])
        #expect(confirmed(&ring, 0) == [])
    }

    @Test func goesAroundManyTimes() {
        var ring = ConfirmRing(minimumCapacity: 4)
        for tag: UInt64 in 1...100 {
            #expect(ring.hasRoom)
            ring.append(ConfirmRing.Entry(unit: unit, index: Int(tag % 20), byteCount: 1))
            #expect(confirmed(&ring, tag) == [Int(tag % 20)])
        }
        #expect(ring.count == 0)
    }

    @Test func isFullWhenTheOldestTagIsOpen() {
        var ring = ring(4, capacity: 4)
        #expect(!ring.hasRoom)
        #expect(confirmed(&ring, 3) == [2])
        #expect(!ring.hasRoom)
        #expect(confirmed(&ring, 1) == [0])
        #expect(ring.hasRoom)
    }

    @Test func givesBackWhatIsOpenInOrder() {
        var ring = ring(6)
        _ = confirmed(&ring, 2)
        _ = confirmed(&ring, 5)
        #expect(ring.removeAll().map(\.index) == [0, 2, 3, 5])
        #expect(ring.next == 1)
        #expect(ring.count == 0)
        #expect(ring.byteCount == 0)
    }

    @Test func marksReturnsByWhatTheySay() {
        var ring = ring(4)
        ring.markReturned(exchange: "", routingKey: "q", id: "m2")
        ring.markReturned(exchange: "x", routingKey: "q", id: "m1")
        ring.markReturned(exchange: "", routingKey: "q", id: "m0")
        var returned: [Int] = []
        ring.confirm(4, isMultiple: true) { if $0.isReturned { returned.append($0.index) } }
        #expect(returned == [0, 2])
    }
}
