import BusClients
import Contracts
import Testing

@testable import DeviceConnector

/// Order of each device, and priority among devices.
@Suite struct DeliveryQueueTests {
    private static func add(
        _ id: String, _ device: String, priority: Int = 0, partition: Int = 0, to queue: inout DeliveryQueue
    ) throws {
        let value =
            #"{"request_id":"\#(id)","device_id":"\#(device)","command_type":"c","payload":{},"protocol":"mqtt","#
            + #""priority":\#(priority)}"#
        let command = try DeviceCommand(value: Array(value.utf8), expiresAt: nil)
        let message = MQTTMessage(
            topic: "t", payload: command.payload, qos: 1, retain: false, expiresAt: nil, answerTopic: nil,
            correlation: id)
        queue.add(command, message, at: LogPosition(partition: partition, offset: 0), trace: nil)
    }

    private static func sendAll(_ queue: inout DeliveryQueue) -> [DeliveryQueue.Entry] {
        var sent: [DeliveryQueue.Entry] = []
        while let entry = queue.send(now: .zero) { sent.append(entry) }
        return sent
    }

    @Test func aHigherPriorityGoesFirstAndADevicesOrderStays() throws {
        var queue = DeliveryQueue()
        try Self.add("a1", "a", priority: 1, to: &queue)
        try Self.add("a2", "a", priority: 9, to: &queue)
        try Self.add("b1", "b", to: &queue)
        try Self.add("c1", "c", priority: 5, to: &queue)
        try Self.add("d1", "d", priority: 5, to: &queue)
        let first = Self.sendAll(&queue)
        #expect(first.map(\.command.requestID) == ["c1", "d1", "a1", "b1"])
        #expect(queue.inFlight == 4)
        let a1 = try #require(first.first { $0.command.requestID == "a1" })
        let removed = queue.remove(a1.token)
        #expect(removed?.command.requestID == "a1")
        let second = Self.sendAll(&queue)
        #expect(second.map(\.command.requestID) == ["a2"])
    }

    @Test func whatIsGivenBackGoesBeforeTheRestOfItsDevice() throws {
        var queue = DeliveryQueue()
        for id in ["1", "2"] { try Self.add(id, "a", to: &queue) }
        let all = Self.sendAll(&queue)
        let sent = try #require(all.first)
        #expect(all.count == 1)
        queue.giveBack(sent.token)
        queue.giveBack(sent.token)
        #expect(queue.inFlight == 0)
        let again = queue.send(now: .seconds(1))
        #expect(again?.command.requestID == "1" && again?.mayBeSent == true)
        #expect(queue.sent(before: .seconds(2)) == [sent.token] && queue.sent(before: .seconds(1)) == [])
    }

    @Test func whatBelongsToOthersIsDropped() throws {
        var queue = DeliveryQueue()
        try Self.add("1", "a", partition: 0, to: &queue)
        try Self.add("2", "b", partition: 1, to: &queue)
        let others = queue.waiting(outside: [1]).compactMap { queue.remove($0)?.command.requestID }
        #expect(others == ["1"])
        let sent = Self.sendAll(&queue)
        #expect(sent.map(\.command.requestID) == ["2"])
        #expect(queue.count == 1 && queue.bytes == 2)
        let unknown = queue.remove(99)
        #expect(unknown == nil)
    }
}
