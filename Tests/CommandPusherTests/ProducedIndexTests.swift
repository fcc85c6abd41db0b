import Contracts
import Runtime
import Testing

@testable import CommandPusher

@Suite struct ProducedIndexTests {
    private let time = Timestamp(microseconds: 5)

    private func found(_ offset: Int64, _ id: String?) -> ProducedIndex.Found {
        ProducedIndex.Found(offset: offset, requestID: id, at: time)
    }

    private func entry(_ offset: Int64) -> ProducedIndex.Entry { ProducedIndex.Entry(offset: offset, at: time) }

    @Test func asksForTheTailOnce() {
        var index = ProducedIndex()
        #expect(index.missing(in: 0, retained: 10..<20) == 10..<20)
        #expect(index.missing(in: 0, retained: 0..<100_000) == (100_000 - ProducedIndex.window)..<100_000)
        index.load(10..<20, of: 0, [found(12, "a"), found(13, nil)])
        #expect(index.missing(in: 0, retained: 10..<20).isEmpty)
        #expect(index.missing(in: 0, retained: 10..<25) == 20..<25)
        #expect(index.find("a", in: 0) == entry(12))
        #expect(index.find("a", in: 1) == nil)
        #expect(index.start(of: 0) == 10)
    }

    @Test func remembersItsOwnRecordsWithoutReading() {
        var index = ProducedIndex()
        index.remember("early", partition: 0, entry(3))
        #expect(index.find("early", in: 0) == nil, "what came before is not known, so the tail will be read")
        index.load(0..<4, of: 0, [found(3, "early")])
        index.remember("next", partition: 0, entry(4))
        #expect(index.find("next", in: 0) == entry(4))
        #expect(index.missing(in: 0, retained: 0..<5).isEmpty)
    }

    @Test func readsTheGapThatAnotherPusherLeft() {
        var index = ProducedIndex()
        index.load(0..<4, of: 0, [])
        index.remember("mine", partition: 0, entry(9))
        #expect(index.missing(in: 0, retained: 0..<10) == 4..<10)
        index.load(4..<10, of: 0, [found(5, "other"), found(9, "mine")])
        #expect(index.find("other", in: 0) == entry(5))
        #expect(index.find("mine", in: 0) == entry(9))
    }

    @Test func keepsTheFirstRecordOfAnID() {
        var index = ProducedIndex()
        index.load(0..<2, of: 0, [found(0, "a"), found(1, "a")])
        #expect(index.find("a", in: 0) == entry(0))
    }

    @Test func anIDMayBeUsedAgainOnceItsStatusIsForgotten() throws {
        let now = SystemTime().now
        let old = now.advanced(by: .zero - CommandQueue.statusAge - .seconds(60))
        let envelope = try CommandEnvelope(line: PusherFixture.line("a", isKeyed: true)[...])
        var index = ProducedIndex()
        index.load(0..<1, of: 0, [ProducedIndex.Found(offset: 0, requestID: "a", at: old)])
        #expect(try !#require(index.find("a", in: 0)).mayBe(envelope))
        index.remember("a", partition: 0, ProducedIndex.Entry(offset: 1, at: now))
        #expect(index.find("a", in: 0)?.offset == 1)
        #expect(try #require(index.find("a", in: 0)).mayBe(envelope))
    }

    @Test func forgetsWhatTheTopicDropped() {
        var index = ProducedIndex()
        index.load(0..<3, of: 0, [found(0, "a"), found(2, "b")])
        index.forget(below: 2, in: 0)
        #expect(index.find("a", in: 0) == nil)
        #expect(index.find("b", in: 0) == entry(2))
        #expect(index.missing(in: 0, retained: 2..<3).isEmpty)
    }

    @Test func forgetsWhatFallsOutOfTheWindow() {
        var index = ProducedIndex()
        let window = ProducedIndex.window
        index.load(0..<1, of: 0, [found(0, "0")])
        for offset in 1...(window * 3) { index.remember("\(offset)", partition: 0, entry(offset)) }
        #expect(index.find("0", in: 0) == nil)
        #expect(index.find("\(window * 2)", in: 0) == nil)
        #expect(index.find("\(window * 2 + 1)", in: 0) == entry(window * 2 + 1))
        #expect(index.find("\(window * 3)", in: 0) == entry(window * 3))
        #expect(index.start(of: 0) == window * 2 + 1)
    }

    @Test func startsAgainAfterAGapBeyondTheWindow() {
        var index = ProducedIndex()
        index.load(0..<10, of: 0, [found(1, "old")])
        let far = 10 + 2 * ProducedIndex.window
        let range = index.missing(in: 0, retained: 0..<far)
        #expect(range == (far - ProducedIndex.window)..<far)
        index.load(range, of: 0, [found(far - 1, "new")])
        #expect(index.find("old", in: 0) == nil)
        #expect(index.find("new", in: 0) == entry(far - 1))
    }

    @Test func readsLogEnds() {
        #expect(LogEnds(header: "0:17,2:4")[0] == 17)
        #expect(LogEnds(header: "0:17,2:4")[2] == 4)
        #expect(LogEnds(header: "0:17,2:4")[1] == nil)
        #expect(LogEnds(header: "x,0:,1:-3,:")[0] == nil)
        #expect(LogEnds(header: nil) == LogEnds(header: ""))
    }
}
