extension Timestamp {
    /// RFC 3339 in UTC with six fraction digits: `2026-11-21T03:00:00.123456Z`.
    public var rfc3339: String { text { write(fraction: .microseconds, isUTC: true, into: $0) } }

    /// RFC 3339 in UTC with three fraction digits, cut, not rounded: `2026-11-21T03:00:00.123Z`.
    public var rfc3339Milliseconds: String { text { write(fraction: .milliseconds, isUTC: true, into: $0) } }

    /// Without an offset, as Python's `datetime.isoformat` writes a naive time: `2026-11-21T03:00:00.123456`, and no
    /// fraction when it is zero.
    public var naive: String { text { write(fraction: .microsecondsUnlessZero, isUTC: false, into: $0) } }

    /// Appends `rfc3339` to UTF-8 text without a string in between.
    package func appendRFC3339(to buffer: inout [UInt8]) {
        append(to: &buffer) { write(fraction: .microseconds, isUTC: true, into: $0) }
    }

    /// Appends `rfc3339Milliseconds` to UTF-8 text.
    package func appendRFC3339Milliseconds(to buffer: inout [UInt8]) {
        append(to: &buffer) { write(fraction: .milliseconds, isUTC: true, into: $0) }
    }

    /// Appends `naive` to UTF-8 text.
    package func appendNaive(to buffer: inout [UInt8]) {
        append(to: &buffer) { write(fraction: .microsecondsUnlessZero, isUTC: false, into: $0) }
    }

    private enum Fraction { case milliseconds, microseconds, microsecondsUnlessZero }

    /// `2026-11-21T03:00:00.123456Z`
    private static let longestText = 27
    /// 0000-01-01T00:00:00Z to 9999-12-31T23:59:59.999999Z.
    private static let textRange: ClosedRange<Int64> = -62_167_219_200_000_000...253_402_300_799_999_999

    private func text(_ write: (UnsafeMutableBufferPointer<UInt8>) -> Int) -> String {
        String(unsafeUninitializedCapacity: Self.longestText) { write($0) }
    }

    private func append(to buffer: inout [UInt8], _ write: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.longestText) { storage in
            buffer.append(contentsOf: storage[..<write(storage)])
        }
    }

    private func write(fraction: Fraction, isUTC: Bool, into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let clamped = min(max(microseconds, Self.textRange.lowerBound), Self.textRange.upperBound)
        var (seconds, micros) = clamped.quotientAndRemainder(dividingBy: 1_000_000)
        if micros < 0 {
            micros += 1_000_000
            seconds -= 1
        }
        var (days, secondOfDay) = Int(seconds).quotientAndRemainder(dividingBy: 86_400)
        if secondOfDay < 0 {
            secondOfDay += 86_400
            days -= 1
        }
        let date = CivilDate(daysSinceEpoch: days)
        var digits = DigitWriter(buffer: buffer)
        digits.write(date.year, width: 4, then: "-")
        digits.write(date.month, width: 2, then: "-")
        digits.write(date.day, width: 2, then: "T")
        digits.write(secondOfDay / 3600, width: 2, then: ":")
        digits.write(secondOfDay / 60 % 60, width: 2, then: ":")
        digits.write(secondOfDay % 60, width: 2)
        switch fraction {
        case .milliseconds: digits.writeFraction(Int(micros) / 1000, width: 3)
        case .microsecondsUnlessZero where micros == 0: break
        case .microseconds, .microsecondsUnlessZero: digits.writeFraction(Int(micros), width: 6)
        }
        if isUTC { digits.write("Z") }
        return digits.count
    }
}

/// Writes decimal numbers of a fixed width into a buffer that is long enough.
private struct DigitWriter {
    let buffer: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(buffer: UnsafeMutableBufferPointer<UInt8>) { self.buffer = buffer }

    mutating func write(_ byte: Unicode.Scalar) {
        buffer[count] = UInt8(ascii: byte)
        count += 1
    }

    mutating func write(_ number: Int, width: Int) {
        var rest = number
        for index in stride(from: count + width - 1, through: count, by: -1) {
            buffer[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        count += width
    }

    mutating func write(_ number: Int, width: Int, then byte: Unicode.Scalar) {
        write(number, width: width)
        write(byte)
    }

    mutating func writeFraction(_ number: Int, width: Int) {
        write(".")
        write(number, width: width)
    }
}
