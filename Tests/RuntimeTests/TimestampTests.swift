import Testing

@testable import Runtime

@Suite struct TimestampTests {
    /// 2026-11-21T03:00:00Z
    private let point = Timestamp(microseconds: 1_795_230_000_000_000)

    @Test func writesRFC3339WithMicroseconds() {
        #expect(point.advanced(by: .microseconds(123_456)).rfc3339 == "2026-11-21T03:00:00.123456Z")
        #expect(point.rfc3339 == "2026-11-21T03:00:00.000000Z")
        #expect("\(point)" == point.rfc3339)
        #expect(point.advanced(by: .microseconds(123_999)).rfc3339Milliseconds == "2026-11-21T03:00:00.123Z")
    }

    @Test func writesNaiveTimesAsPythonDoes() {
        #expect(point.naive == "2026-11-21T03:00:00")
        #expect(point.advanced(by: .microseconds(500)).naive == "2026-11-21T03:00:00.000500")
    }

    @Test func appendsTheSameTextToBytes() {
        var bytes: [UInt8] = Array("x".utf8)
        point.appendRFC3339(to: &bytes)
        point.appendRFC3339Milliseconds(to: &bytes)
        point.appendNaive(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "x" + point.rfc3339 + point.rfc3339Milliseconds + point.naive)
    }

    @Test func writesTimesBefore1970() {
        #expect(Timestamp(microseconds: -1).rfc3339 == "1969-12-31T23:59:59.999999Z")
        #expect(Timestamp(microseconds: 0).rfc3339 == "1970-01-01T00:00:00.000000Z")
    }

    @Test func clampsTextToFourDigitYears() {
        #expect(Timestamp(microseconds: .max).rfc3339 == "9999-12-31T23:59:59.999999Z")
        #expect(Timestamp(microseconds: .min).rfc3339 == "0000-01-01T00:00:00.000000Z")
    }

    @Test(arguments: [
        "2026-11-21T03:00:00Z", "2026-11-21t03:00:00z", "2026-11-21 03:00:00", "2026-11-21T03:00", "2026-11-21T03:00Z",
        "2026-11-21T04:00:00+01:00", "2026-11-21T04:00:00+0100", "2026-11-21T04:00:00+01", "2026-11-20T21:30:00-05:30",
        "2026-11-21T03:00:00.000000999Z", "2026-11-21T03:00:00.0-00:00", "2026-11-21T02:59:60Z",
    ])
    func readsTheSameTimeInEveryForm(_ text: String) {
        #expect(Timestamp(rfc3339: text) == point)
    }

    @Test func readsFractionsAndDates() {
        #expect(Timestamp(rfc3339: "1970-01-01T00:00:00.5Z")?.microseconds == 500_000)
        #expect(Timestamp(rfc3339: "1970-01-01T00:00:00.123456789Z")?.microseconds == 123_456)
        #expect(Timestamp(rfc3339: "1970-01-02")?.microseconds == 86_400_000_000)
        #expect(Timestamp(rfc3339: "2000-02-29") != nil)
        #expect(Timestamp(rfc3339: "2024-02-29T23:59:59Z") != nil)
        #expect(Timestamp(rfc3339: "x2026-11-21T03:00:00Z".dropFirst()) == point)
    }

    @Test(arguments: [
        "", "2026", "2026-11", "2026-13-01", "2026-00-01", "2026-01-00", "2026-04-31", "2026-02-29", "1900-02-29",
        "2026-11-21T", "2026-11-21T03", "2026-11-21T24:00:00Z", "2026-11-21T03:60:00Z", "2026-11-21T03:00:61Z",
        "2026-11-21T03:00:60Z", "2026-11-21T03:00:00.Z", "2026-11-21T03:00:00,5Z", "2026-11-21T03:00:00ZZ",
        "2026-11-21T03:00:00+24:00", "2026-11-21T03:00:00+01:60", "2026-11-21T03:00:00+1", "2026-11-21T03:00:00+01:",
        "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z",
        "2026-11-21Z", " 2026-11-21", "2026-11-21T03:00:00Z ", "+026-11-21", "２０２６-11-21", "20261121T030000Z",
    ])
    func refusesEverythingElse(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func survivesARoundTripOverTheWholeRange() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let micros = Int64.random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &generator)
            let time = Timestamp(microseconds: micros)
            #expect(Timestamp(rfc3339: time.rfc3339) == time)
            #expect(Timestamp(rfc3339: time.naive) == time)
        }
    }

    @Test func addsAndSubtractsWithoutOverflow() {
        #expect(point.advanced(by: .seconds(-1.5)).duration(since: point) == .seconds(-1.5))
        #expect(point < point.advanced(by: .microseconds(1)))
        #expect(Timestamp(microseconds: .max).advanced(by: .seconds(1)).microseconds == .max)
        #expect(Timestamp(microseconds: .min).advanced(by: .seconds(-1)).microseconds == .min)
        #expect(point.advanced(by: .seconds(Int64.max)).microseconds == .max)
        let whole = Timestamp(microseconds: .max).duration(since: Timestamp(microseconds: .min))
        #expect(whole > .seconds(1_000_000_000_000))
    }
}
