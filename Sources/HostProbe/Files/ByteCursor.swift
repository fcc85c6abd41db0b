import Glibc

/// A position in bytes that are read as text: fields, numbers and lines, without allocating.
///
/// Every read is checked against the end. The cursor must not outlive the bytes.
struct ByteCursor {
    private var current: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>

    init(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else {
            let nothing: StaticString = ""
            current = nothing.utf8Start
            end = current
            return
        }
        current = start.assumingMemoryBound(to: UInt8.self)
        end = current + bytes.count
    }

    private init(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        current = start
        self.end = end
    }

    var isAtEnd: Bool { current == end }

    /// How many bytes are left.
    var count: Int { end - current }

    /// The next line, without its newline; nil at the end.
    mutating func line() -> ByteCursor? {
        guard current < end else { return nil }
        let start = current
        guard let newline = memchr(start, 0x0a, end - start) else {
            current = end
            return ByteCursor(start, end)
        }
        let lineEnd = UnsafePointer(newline.assumingMemoryBound(to: UInt8.self))
        current = lineEnd + 1
        return ByteCursor(start, lineEnd)
    }

    /// The next field between spaces or tabs; nil at the end.
    mutating func word() -> ByteCursor? {
        skipSpaces()
        guard current < end else { return nil }
        let start = current
        while current < end, !Self.isSpace(current.pointee) { current += 1 }
        return ByteCursor(start, current)
    }

    /// The next field as a decimal number; nil, and the position undefined, if it is none or does not fit.
    @inline(__always)
    mutating func integer() -> UInt64? {
        skipSpaces()
        guard let value = digits() else { return nil }
        guard current == end || Self.isSpace(current.pointee) else { return nil }
        return value
    }

    /// The next field as a decimal number that may be negative; nil, and the position undefined, if it is none or does
    /// not fit.
    mutating func signedInteger() -> Int64? {
        skipSpaces()
        let isNegative = skip("-")
        guard let magnitude = digits(), current == end || Self.isSpace(current.pointee) else { return nil }
        guard isNegative else { return Int64(exactly: magnitude) }
        return magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
    }

    /// Goes past so many fields; false if there are fewer.
    mutating func skipWords(_ count: Int) -> Bool {
        for _ in 0..<count where word() == nil { return false }
        return true
    }

    /// The next field as a decimal number with or without a fraction, never negative.
    mutating func decimal() -> Double? {
        skipSpaces()
        guard let whole = digits() else { return nil }
        var value = Double(whole)
        if skip(".") {
            let start = current
            guard let fraction = digits() else { return nil }
            var scale = 1.0
            for _ in 0..<(current - start) { scale *= 10 }
            value += Double(fraction) / scale
        }
        guard current == end || Self.isSpace(current.pointee) else { return nil }
        return value
    }

    /// Digits from here on, at least one; stops before the first other byte.
    @inline(__always)
    mutating func digits() -> UInt64? {
        let start = current
        var value: UInt64 = 0
        while current < end {
            let digit = current.pointee &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            let (product, isProductTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isSumTooLarge) = product.addingReportingOverflow(UInt64(digit))
            guard !isProductTooLarge, !isSumTooLarge else { return nil }
            value = sum
            current += 1
        }
        return current == start ? nil : value
    }

    /// Goes past the text if it comes next.
    @inline(__always)
    mutating func skip(_ text: StaticString) -> Bool {
        guard starts(with: text) else { return false }
        current += text.utf8CodeUnitCount
        return true
    }

    @inline(__always)
    func starts(with text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        return end - current >= length && memcmp(current, text.utf8Start, length) == 0
    }

    @inline(__always)
    func equals(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && starts(with: text) }

    /// The bytes before the first such byte, going past it; nil, going nowhere, without one.
    mutating func upTo(_ byte: UInt8) -> ByteCursor? {
        guard let found = memchr(current, Int32(byte), count) else { return nil }
        let start = current
        let place = UnsafePointer(found.assumingMemoryBound(to: UInt8.self))
        current = place + 1
        return ByteCursor(start, place)
    }

    /// The bytes before the last such byte, going past it; nil, going nowhere, without one.
    mutating func upToLast(_ byte: UInt8) -> ByteCursor? {
        var place = end
        while place > current {
            place -= 1
            guard place.pointee == byte else { continue }
            defer { current = place + 1 }
            return ByteCursor(current, place)
        }
        return nil
    }

    /// The first byte that is left; nil at the end.
    var first: UInt8? { current < end ? current.pointee : nil }

    /// The first byte that is left, going past it.
    mutating func byte() -> UInt8? {
        guard current < end else { return nil }
        defer { current += 1 }
        return current.pointee
    }

    mutating func skipSpaces() {
        while current < end, Self.isSpace(current.pointee) { current += 1 }
    }

    /// What is left as text; up to 15 bytes without an allocation.
    var text: String { String(decoding: UnsafeBufferPointer(start: current, count: count), as: UTF8.self) }

    @inline(__always)
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
