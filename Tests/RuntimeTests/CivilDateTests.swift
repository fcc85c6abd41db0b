import Testing

@testable import Runtime

@Suite struct CivilDateTests {
    @Test func countsEveryDayOfFourHundredYearsOnce() {
        var date = CivilDate(year: 1900, month: 1, day: 1)
        let first = date.daysSinceEpoch
        #expect(first == -25_567)
        for offset in 0..<146_097 {
            #expect(date.isValid)
            #expect(date.daysSinceEpoch == first + offset)
            #expect(CivilDate(daysSinceEpoch: first + offset) == date)
            date.day += 1
            if !date.isValid { date = CivilDate(year: date.year, month: date.month + 1, day: 1) }
            if !date.isValid { date = CivilDate(year: date.year + 1, month: 1, day: 1) }
        }
        #expect(date == CivilDate(year: 2300, month: 1, day: 1))
    }

    @Test func knowsLeapYears() {
        #expect(CivilDate(year: 2000, month: 2, day: 29).isValid)
        #expect(CivilDate(year: 2024, month: 2, day: 29).isValid)
        #expect(!CivilDate(year: 1900, month: 2, day: 29).isValid)
        #expect(!CivilDate(year: 2023, month: 2, day: 29).isValid)
    }

    @Test func reachesTheYearZero() {
        let date = CivilDate(year: 0, month: 1, day: 1)
        #expect(date.daysSinceEpoch == -719_528)
        #expect(CivilDate(daysSinceEpoch: -719_528) == date)
    }
}
