import Testing

@testable import HostProbe

@Suite struct CPUReadingTests {
    private func parse(_ text: String) -> CPUReading? {
        withBytes(text) { CPUReading(stat: $0, expectedCores: 1) }
    }

    @Test func readsEveryFieldOfAKernelOfToday() throws {
        let stat = """
            cpu  100 20 30 4000 50 6 7 8 9 10
            cpu0 60 10 20 2000 30 3 4 5 6 7
            cpu1 40 10 10 2000 20 3 3 3 3 3
            intr 123456 0 0 0
            ctxt 99
            btime 1700000000
            processes 12345
            procs_running 3
            procs_blocked 1
            softirq 1 2 3

            """
        let reading = try #require(parse(stat))
        #expect(reading.total.user == 100)
        #expect(reading.total.nice == 20)
        #expect(reading.total.system == 30)
        #expect(reading.total.idle == 4000)
        #expect(reading.total.iowait == 50)
        #expect(reading.total.irq == 6)
        #expect(reading.total.softirq == 7)
        #expect(reading.total.steal == 8)
        #expect(reading.total.guest == 9)
        #expect(reading.total.guestNice == 10)
        #expect(reading.cores.map(\.id) == [0, 1])
        #expect(reading.cores.last?.times.steal == 3)
        #expect(reading.runningTasks == 3)
        #expect(reading.blockedTasks == 1)
    }

    @Test func takesAnOldKernelsFourFields() throws {
        let reading = try #require(parse("cpu  1 2 3 4\ncpu0 1 2 3 4\n"))
        #expect(reading.total.idle == 4)
        #expect(reading.total.iowait == 0)
        #expect(reading.cores.count == 1)
    }

    @Test func takesFieldsThatAreYetToBeInvented() throws {
        let reading = try #require(parse("cpu  1 2 3 4 5 6 7 8 9 10 11 12\n"))
        #expect(reading.total.guestNice == 10)
    }

    @Test func ignoresMalformedLines() throws {
        let stat = """
            cpux 1 2 3 4
            cpu 1 2
            cpu  1 2 three 4
            cpu  10 20 30 40
            cpu  11 21 31 41
            cpu0 1 2 3
            cpu1 1 2 3 4 -5
            cpu2x 1 2 3 4
            cpu3 1 2 3 99999999999999999999
            cpu4 1 2 3 4
            cpu
            procs_running many
            """
        let reading = try #require(parse(stat))
        #expect(reading.total.user == 10)
        #expect(reading.cores.map(\.id) == [4])
        #expect(reading.runningTasks == nil)
    }

    @Test func sortsCoresAndDropsRepeatedOnes() throws {
        let reading = try #require(parse("cpu  1 1 1 1\ncpu7 7 1 1 1\ncpu2 2 1 1 1\ncpu7 9 1 1 1\ncpu5 5 1 1 1\n"))
        #expect(reading.cores.map(\.id) == [2, 5, 7])
        #expect(reading.cores.map(\.times.user) == [2, 5, 7])
    }

    @Test(arguments: ["", "\n\n", "intr 5\n", "cpu0 1 2 3 4\n"])
    func isNothingWithoutTheTotal(stat: String) {
        #expect(parse(stat) == nil)
    }
}
