extension Timestamp {
    /// Reads an RFC 3339 time; nil for any other text.
    ///
    /// Also taken: no offset (then UTC), a space or a small `t` between date and time, no seconds, a date alone (its
    /// midnight), and an offset without colon or minutes. Fraction digits after the sixth are cut. A leap second is the
    /// first instant of the next minute. A time that its offset moves out of the years 0 to 9999 cannot be written again,
    /// and is none.
    public init?(rfc3339 text: some StringProtocol) {
        var copy = String(text)
        guard let micros = copy.withUTF8({ Self.parse($0) }) else { return nil }
        self.init(microseconds: micros)
    }

    /// Reads an RFC 3339 time from UTF-8 text.
    package init?(rfc3339 utf8: UnsafeBufferPointer<UInt8>) {
        guard let micros = Self.parse(utf8) else { return nil }
        self.init(microseconds: micros)
    }

    private static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        var scanner = DigitScanner(text: text)
        guard let year = scanner.number(width: 4), scanner.skip("-"),
            let month = scanner.number(width: 2), scanner.skip("-"),
            let day = scanner.number(width: 2)
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        guard date.isValid else { return nil }
        let midnight = Int64(date.daysSinceEpoch) * 86_400_000_000
        if scanner.isAtEnd { return midnight }
        guard scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let timeOfDay = scanner.timeOfDay(), let offset = scanner.offset(), scanner.isAtEnd
        else { return nil }
        let time = midnight + timeOfDay - offset
        return writable.contains(time) ? time : nil
    }

    /// From 0000-01-01T00:00:00Z to before 10000-01-01T00:00:00Z, in microseconds.
    private static let writable = -62_167_219_200_000_000..<253_402_300_800_000_000 as Range<Int64>
}

/// Reads the parts of a time from ASCII text.
private struct DigitScanner {
    let text: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

    var isAtEnd: Bool { position == text.count }

    mutating func skip(_ byte: Unicode.Scalar) -> Bool {
        guard position < text.count, text[position] == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    mutating func number(width: Int) -> Int? {
        guard text.count - position >= width else { return nil }
        var value = 0
        for _ in 0..<width {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.f…` in microseconds.
    mutating func timeOfDay() -> Int64? {
        guard let hour = number(width: 2), hour < 24, skip(":"), let minute = number(width: 2), minute < 60 else {
            return nil
        }
        let wholeMinutes = Int64(hour * 60 + minute) * 60_000_000
        guard skip(":") else { return wholeMinutes }
        guard let second = number(width: 2), second < 60 || (second == 60 && minute == 59) else { return nil }
        guard skip(".") else { return wholeMinutes + Int64(second) * 1_000_000 }
        guard let fraction = fraction() else { return nil }
        return wholeMinutes + Int64(second) * 1_000_000 + (second == 60 ? 0 : fraction)
    }

    /// Nothing, `Z`, or `±HH`, `±HHMM`, `±HH:MM`, in microseconds.
    mutating func offset() -> Int64? {
        if isAtEnd || skip("Z") || skip("z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hour = number(width: 2), hour < 24 else { return nil }
        if isAtEnd { return sign * Int64(hour) * 3_600_000_000 }
        _ = skip(":")
        guard let minute = number(width: 2), minute < 60 else { return nil }
        return sign * Int64(hour * 60 + minute) * 60_000_000
    }

    /// At least one digit, read as millionths.
    private mutating func fraction() -> Int64? {
        guard let first = digit() else { return nil }
        var micros = Int64(first) * 100_000
        var weight: Int64 = 10_000
        while let next = digit() {
            micros += Int64(next) * weight
            weight /= 10
        }
        return micros
    }

    private mutating func digit() -> Int? {
        guard position < text.count else { return nil }
        let value = Int(text[position]) - Int(UInt8(ascii: "0"))
        guard (0...9).contains(value) else { return nil }
        position += 1
        return value
    }
}
