import Contracts
import Runtime
import Testing

@Suite struct ISODateTimeTests {
    @Test(arguments: [
        ("2026-11-21T03:00:00Z", "2026-11-21T03:00:00+00:00", 1_795_230_000_000_000 as Int64),
        ("2026-11-21 03:00:00.5", "2026-11-21T03:00:00.500000", 1_795_230_000_500_000),
        ("2026-11-21T03:00+05:30", "2026-11-21T03:00:00+05:30", 1_795_210_200_000_000),
        ("2026-11-21T03:00:00.123456789-0100", "2026-11-21T03:00:00.123456-01:00", 1_795_233_600_123_456),
        ("2026-11-21", "2026-11-21T00:00:00", 1_795_219_200_000_000),
        ("1795230000", "2026-11-21T03:00:00+00:00", 1_795_230_000_000_000),
        ("2000-02-29T00:00:00", "2000-02-29T00:00:00", 951_782_400_000_000),
    ])
    func reads(_ text: String, _ iso: String, _ micros: Int64) throws {
        let time = try #require(ISODateTime(text))
        #expect(time.isoFormat == iso)
        #expect(time.timestamp.microseconds == micros)
    }

    @Test func readsUnixTimes() throws {
        #expect(ISODateTime(unix: 1_795_230_000.25)?.isoFormat == "2026-11-21T03:00:00.250000+00:00")
        #expect(ISODateTime(unix: 1_795_230_000_000)?.isoFormat == "2026-11-21T03:00:00+00:00")
        #expect(ISODateTime(unix: .nan) == nil)
        #expect(ISODateTime(unix: 1e300) == nil)
    }

    @Test(arguments: [
        "", "x", "2026-13-01", "2026-02-29", "2026-11-21T", "2026-11-21T24:00", "2026-11-21T03:60",
        "2026-11-21T03:00:00+", "2026-11-21T03:00:00+25:00", "2026-11-21T03:00:00Zx", "0000-01-01", "2026-11-21X03:00",
    ])
    func refuses(_ text: String) { #expect(ISODateTime(text) == nil) }
}
