import Testing

@testable import HostProbe

@Suite struct CPUListTests {
    private func parse(_ text: String) -> CPUList? {
        withBytes(text) { bytes in
            var cursor = ByteCursor(bytes)
            return CPUList(&cursor)
        }
    }

    @Test(arguments: ["0", "0-3", "0-3,8", "0,2,4-255", "7-8,10"])
    func readsAndWritesWhatTheKernelWrites(text: String) {
        #expect(parse(text)?.text == text)
    }

    @Test func countsAndJoins() throws {
        let list = try #require(parse("0-1,2-3,8"))
        #expect(list.text == "0-3,8")
        #expect(list.count == 5)
        #expect(Array(list.numbers) == [0, 1, 2, 3, 8])
        #expect(CPUList([0, 1, 3, 3, 2, 9]).text == "0-1,3,9")
        #expect(CPUList([]).isEmpty)
    }

    @Test(arguments: ["", " ", "a", "1-", "-1", "3-1", "2,1", "1,1", "0-3:1/2", "0,,1", "0,", "1 2", "99999999999"])
    func refusesWhatIsNoList(text: String) {
        #expect(parse(text) == nil)
    }

    @Test(arguments: [
        ("0-3", "0-3", 4), ("0-3", "2-5", 2), ("0,2,4", "1,3,5", 0), ("0-255", "0-1,4,250-300", 9), ("0-1,6", "6-9", 1),
        ("5", "0-4", 0),
    ])
    func countsWhatIsInBoth(one: String, two: String, count: Int) throws {
        let lists = (try #require(parse(one)), try #require(parse(two)))
        #expect(lists.0.count(alsoIn: lists.1) == count)
        #expect(lists.1.count(alsoIn: lists.0) == count)
    }
}
