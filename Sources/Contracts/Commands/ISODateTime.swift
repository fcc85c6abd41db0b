package import Runtime

/// A date and time as a client wrote it, with its offset from UTC if it gave one.
///
/// Takes what pydantic takes: `2026-11-21T03:00:00.123456+02:00`, `T` or a blank between date and time, seconds and
/// fraction optional, `Z` or `±HH:MM` or `±HHMM` or no offset, a date alone, or Unix seconds as a number or digits
/// (above 2e10: milliseconds).
package struct ISODateTime: Sendable, Hashable {
    /// Microseconds of the clock the client reads, as if it were in UTC.
    private let local: Int64
    /// Minutes east of UTC; nil when the client gave none, which means UTC.
    package let offsetMinutes: Int?

    /// Unix seconds, above 2e10 milliseconds.
    package init?(unix value: Double) {
        let seconds = abs(value) > 2e10 ? value / 1000 : value
        guard seconds.isFinite, abs(seconds) < 253_402_300_800 else { return nil }
        self.init(local: Int64((seconds * 1_000_000).rounded()), offsetMinutes: 0)
    }

    private init?(local: Int64, offsetMinutes: Int?) {
        self.local = local
        self.offsetMinutes = offsetMinutes
        guard isInRange else { return nil }
    }

    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 64 else { return nil }
        if !bytes.isEmpty, bytes.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ".") }), let value = Double(String(text))
        {
            self.init(unix: value)
            return
        }
        var reader = DigitReader(bytes[...])
        guard let year = reader.number(4), year >= 1, reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), let days = Self.days(year, month, day)
        else { return nil }
        var micros = days * 86_400_000_000
        var offset: Int?
        if !reader.isAtEnd {
            guard reader.takeAny("Tt _"), let time = reader.time() else { return nil }
            micros += time
            guard let parsed = reader.offset() else { return nil }
            offset = parsed.minutes
        }
        guard reader.isAtEnd else { return nil }
        self.init(local: micros, offsetMinutes: offset)
    }

    /// The moment; without an offset the text is taken as UTC.
    package var timestamp: Timestamp {
        Timestamp(microseconds: local - Int64(offsetMinutes ?? 0) * 60_000_000)
    }

    /// As Python's `isoformat` writes it: the offset is kept, `Z` becomes `+00:00`, no offset stays none.
    package var isoFormat: String {
        let text = Timestamp(microseconds: local).naive
        guard let offsetMinutes else { return text }
        let minutes = abs(offsetMinutes)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(text)\(offsetMinutes < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }

    /// Years 1 to 9999.
    private var isInRange: Bool {
        (-62_135_596_800_000_000..<253_402_300_800_000_000).contains(local)
    }

    /// Days since 1970-01-01 of a date of the Gregorian calendar; nil when there is no such date.
    /// Source: H. Hinnant, chrono-compatible low-level date algorithms, `days_from_civil`.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64? {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month), (1...lengths[month - 1]).contains(day) else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }
}

/// Reads a time's digits one part after the other.
private struct DigitReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func number(_ digits: Int) -> Int? {
        let part = rest.prefix(digits)
        guard part.count == digits, part.allSatisfy(\.isDigit) else { return nil }
        rest = rest.dropFirst(digits)
        return part.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: byte) else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func takeAny(_ bytes: StaticString) -> Bool {
        guard let first = rest.first, bytes.withUTF8Buffer({ $0.contains(first) }) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// `HH:MM`, `HH:MM:SS`, `HH:MM:SS.fraction`: microseconds of the day; digits beyond the sixth are dropped.
    mutating func time() -> Int64? {
        guard let hour = number(2), hour < 24, take(":"), let minute = number(2), minute < 60 else { return nil }
        var micros = Int64(hour * 3600 + minute * 60) * 1_000_000
        guard take(":") else { return micros }
        guard let second = number(2), second < 60 else { return nil }
        micros += Int64(second) * 1_000_000
        guard take(".") || take(",") else { return micros }
        let fraction = rest.prefix(while: \.isDigit)
        guard (1...9).contains(fraction.count) else { return nil }
        rest = rest.dropFirst(fraction.count)
        var scale: Int64 = 100_000
        for digit in fraction.prefix(6) {
            micros += Int64(digit - UInt8(ascii: "0")) * scale
            scale /= 10
        }
        return micros
    }

    /// Nothing, `Z`, `±HH:MM`, `±HHMM` or `±HH`; nil when it is something else.
    mutating func offset() -> (minutes: Int?, Void)? {
        if isAtEnd { return (nil, ()) }
        if takeAny("Zz") { return (0, ()) }
        let sign = rest.first == UInt8(ascii: "-") ? -1 : 1
        guard takeAny("+-"), let hours = number(2), hours < 24 else { return nil }
        if isAtEnd { return (sign * hours * 60, ()) }
        _ = take(":")
        guard let minutes = number(2), minutes < 60 else { return nil }
        return (sign * (hours * 60 + minutes), ())
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
