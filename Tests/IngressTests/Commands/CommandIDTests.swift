import Runtime
import Testing

@testable import Ingress

@Suite struct CommandIDTests {
    private let now = Timestamp(microseconds: 1_790_000_000_000_000)

    @Test func randomIDsAreVersion7AndSortByTime() {
        let ids = (0..<1000).map { _ in CommandID.random(at: now) }
        #expect(Set(ids).count == 1000)
        #expect(ids.allSatisfy { $0 < CommandID.random(at: now.advanced(by: .milliseconds(1))) })
        #expect(ids.allSatisfy { $0.utf8.count == 36 && Array($0)[14] == "7" && "89ab".contains(Array($0)[19]) })
    }

    @Test func keysGiveTheSameVersion5ID() {
        let id = CommandID.keyed(principal: "ada", key: "k", index: nil, generation: 0)
        #expect(id == CommandID.keyed(principal: "ada", key: "k", index: nil, generation: 0))
        #expect(Array(id)[14] == "5")
        let others = [
            CommandID.keyed(principal: "bob", key: "k", index: nil, generation: 0),
            CommandID.keyed(principal: "ada", key: "l", index: nil, generation: 0),
            CommandID.keyed(principal: "ada", key: "k", index: 0, generation: 0),
            CommandID.keyed(principal: "ada", key: "k", index: nil, generation: 1),
            CommandID.keyed(principal: "adak", key: "", index: nil, generation: 0), id,
        ]
        #expect(Set(others).count == others.count)
    }

    @Test func placesOfABatchAreFoundAgain() throws {
        let batch = CommandID.Batch(at: now)
        #expect(Set((0..<10_000).map(batch.id)).count == 10_000)
        for index in [0, 15, 4096, 9999] {
            let id = batch.id(index)
            #expect(id.utf8.count == 36 && Array(id)[14] == "7")
            let place = try #require(CommandID.place(of: id))
            #expect(place.prefix == batch.prefix && place.index == index)
        }
        #expect(CommandID.place(of: "my-own-id") == nil)
    }
}
