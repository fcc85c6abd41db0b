import Testing

@testable import flotilla

@Suite struct HumanUnitsTests {
    @Test(arguments: [
        (0.0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (10_240, "10 KiB"), (1_099_511_627_776, "1.0 TiB"),
    ])
    func bytes(count: Double, text: String) { #expect(HumanUnits.bytes(count) == text) }

    @Test(arguments: [
        (0.0, "0s"), (0.25, "250ms"), (59.9, "59s"), (125, "2m 5s"), (7260, "2h 1m"), (90_000, "1d 1h"), (-5, "0s"),
        (.infinity, "–"),
    ])
    func durations(seconds: Double, text: String) { #expect(HumanUnits.duration(seconds: seconds) == text) }

    @Test(arguments: [
        ("90", Duration.seconds(90)), ("500ms", .milliseconds(500)), ("10m", .seconds(600)), ("1.5h", .seconds(5400)),
        ("7d", .seconds(604_800)),
    ])
    func parsesDurations(text: String, duration: Duration) { #expect(HumanUnits.duration(parsing: text) == duration) }

    @Test(arguments: ["", "m", "-5m", "5 m", "5w", "1e3", "١", "1..5s", "99999999999999999d"])
    func refusesWhatIsNoDuration(text: String) { #expect(HumanUnits.duration(parsing: text) == nil) }

    @Test func decimals() {
        #expect(HumanUnits.decimals(3.14159, 2) == "3.14")
        #expect(HumanUnits.decimals(0.005, 2) == "0.01")
        #expect(HumanUnits.decimals(-0.001, 2) == "0.00")
        #expect(HumanUnits.decimals(99.96, 1) == "100.0")
        #expect(HumanUnits.decimals(.nan, 1) == "–")
    }
}
