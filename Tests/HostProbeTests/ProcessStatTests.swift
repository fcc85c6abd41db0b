import Testing

@testable import HostProbe

@Suite struct ProcessStatTests {
    /// Field 4 and what follows of a process of pid 1234.
    private static let rest =
        "1 1234 1234 34816 -1 4194304 100 200 3 4 150 50 7 8 20 -5 3 0 98765 104857600 2560 18446744073709551615 1 1"

    private func stat(_ text: String) -> ProcessStat? { withBytes(text, ProcessStat.init) }

    @Test func readsTheFieldsByTheirPlace() {
        let expected = ProcessStat(
            identity: ProcessIdentity(pid: 1234, startTicks: 98765), name: "python3", state: .sleeping, parent: 1,
            threads: 3, priority: 20, nice: -5, processorTicks: 200, virtualBytes: 104_857_600, residentPages: 2560)
        #expect(stat("1234 (python3) S \(Self.rest)\n") == expected)
    }

    @Test(arguments: [
        "a) S 1 (b", "new\nline", "(sd-pam)", "tab\tand space", "", ")", "))) R 0 0", "kworker/u4:2-events_unbound",
    ]) func aNameMayHoldAnything(name: String) {
        let read = stat("1234 (\(name)) R \(Self.rest)\n")
        #expect(read?.name == name)
        #expect(read?.state == .running)
        #expect(read?.identity == ProcessIdentity(pid: 1234, startTicks: 98765))
    }

    @Test func readsAKernelThreadAndAZombie() {
        let thread = stat(
            "16 (migration/0) I 2 0 0 0 -1 69238880 0 0 0 0 0 7 0 0 -100 0 1 0 12 0 0 18446744073709551615 0 0")
        #expect(thread?.state == .idle)
        #expect(thread?.priority == -100)
        #expect(thread?.parent == 2)
        #expect(thread?.residentPages == 0)
        #expect(thread?.processorTicks == 7)
        let zombie = stat("77 (sh) Z 5 77 77 0 -1 4228108 0 0 0 0 1 2 0 0 20 0 1 0 400 0 0 18446744073709551615 0 0")
        #expect(zombie?.state == .zombie)
        #expect(zombie?.processorTicks == 3)
        #expect(zombie?.virtualBytes == 0)
    }

    @Test func aLetterOfALaterKernelIsUnknown() { #expect(stat("1 (a) ? \(Self.rest)")?.state == nil) }

    @Test(arguments: [
        ("R", ProcessState.running), ("D", .diskSleep), ("T", .stopped), ("t", .tracingStop), ("X", .dead),
        ("x", .dead),
        ("K", .wakeKill), ("W", .waking), ("P", .parked),
    ]) func statesHaveWords(letter: String, state: ProcessState) {
        #expect(stat("1 (a) \(letter) \(Self.rest)")?.state == state)
    }

    @Test(arguments: [
        "", "1234", "1234 (a)", "1234 (a) S", "1234 a S \(rest)", "x (a) S \(rest)", "99999999999 (a) S \(rest)",
        "1234 (a) S 1 1234 1234 34816 -1 4194304 100 200 3 4 150 50 7 8 20 -5 3 0 98765 104857600",
        "1234 (a) S 1 1234 1234 34816 -1 4194304 100 200 3 4 -150 50 7 8 20 -5 3 0 98765 104857600 2560",
        "1234 (a) S 1 1234 1234 34816 -1 4194304 100 200 3 4 15x 50 7 8 20 -5 3 0 98765 104857600 2560",
    ]) func refusesWhatIsNone(text: String) { #expect(stat(text) == nil) }

    @Test func aSumThatDoesNotFitStaysAtTheEnd() {
        let most = "18446744073709551615"
        let read = stat("1 (a) R 1 1 1 0 -1 0 0 0 0 0 \(most) \(most) 0 0 20 0 1 0 5 0 -1 0")
        #expect(read?.processorTicks == .max)
        #expect(read?.residentPages == 0)
    }

    @Test(arguments: [
        ("-9223372036854775808", Int64.min), ("-1", -1), ("0", 0), ("-0", 0), ("9223372036854775807", Int64.max),
    ]) func readsSignedNumbers(text: String, value: Int64) {
        withBytes(text) {
            var cursor = ByteCursor($0)
            #expect(cursor.signedInteger() == value)
        }
    }

    @Test(arguments: ["", "-", "--1", "+1", "9223372036854775808", "-9223372036854775809", "1-"])
    func refusesWhatIsNoSignedNumber(text: String) {
        withBytes(text) {
            var cursor = ByteCursor($0)
            #expect(cursor.signedInteger() == nil)
        }
    }

    @Test func shareIsOfOneProcessorAndNeverNegative() throws {
        let identity = ProcessIdentity(pid: 7, startTicks: 100)
        let process = ProcessStat(identity: identity, name: "a", processorTicks: 500)
        func percent(_ earlier: [ProcessIdentity: UInt64], _ elapsed: Duration = .seconds(2)) -> Double? {
            process.processorPercent(since: earlier, elapsed: elapsed, ticksPerSecond: 100)
        }
        #expect(percent([identity: 400]) == 50)
        #expect(percent([identity: 0]) == 250)
        #expect(percent([identity: 600]) == 0)
        #expect(percent([identity: 400], .zero) == nil)
        #expect(percent([:]) == nil)
        // The number is that of another process that has ended.
        #expect(percent([ProcessIdentity(pid: 7, startTicks: 99): 400]) == nil)
    }
}
