import Testing

@testable import HostProbe

@Suite struct ByteCursorTests {
    @Test(
        arguments: [
            ("-5000 x", -5000), ("42", 42), ("\t7", 7), ("-0", 0), ("--1", nil), ("-", nil), ("1x", nil), ("", nil),
            ("9223372036854775807", .max), ("9223372036854775808", nil), ("-9223372036854775808", .min),
            ("-9223372036854775809", nil),
        ] as [(String, Int64?)])
    func readsSignedNumbers(text: String, value: Int64?) {
        let read = withBytes(text) { bytes in
            var cursor = ByteCursor(bytes)
            return cursor.signedInteger()
        }
        #expect(read == value)
    }

    @Test func readsLinesWithAndWithoutANewlineAtTheEnd() {
        for text in ["a\n\nbc", "a\n\nbc\n"] {
            withBytes(text) { bytes in
                var cursor = ByteCursor(bytes)
                var lines: [String] = []
                while let line = cursor.line() { lines.append(line.text) }
                #expect(lines == ["a", "", "bc"])
            }
        }
    }

    @Test func readsNothingFromNoBytes() {
        var cursor = ByteCursor(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(cursor.line() == nil)
        #expect(cursor.word() == nil)
        #expect(cursor.integer() == nil)
        #expect(cursor.upTo(58) == nil)
        #expect(cursor.byte() == nil)
    }

    @Test(
        arguments: [
            ("  42 x", 42), ("0", 0), ("18446744073709551615", UInt64.max), ("18446744073709551616", nil), ("12x", nil),
            ("-1", nil), ("", nil), ("x", nil),
        ] as [(String, UInt64?)])
    func readsAnIntegerThatIsAWholeField(text: String, expected: UInt64?) {
        withBytes(text) { bytes in
            var cursor = ByteCursor(bytes)
            #expect(cursor.integer() == expected)
        }
    }

    @Test(
        arguments: [("0.53 ", 0.53), ("12", 12), ("3.", nil), (".5", nil), ("1.5x", nil), ("-1.0", nil)]
            as [(String, Double?)])
    func readsADecimal(text: String, expected: Double?) {
        withBytes(text) { bytes in
            var cursor = ByteCursor(bytes)
            #expect(cursor.decimal() == expected)
        }
    }

    @Test func splitsAtTheLastByte() {
        withBytes("eth0:1: 5") { bytes in
            var cursor = ByteCursor(bytes)
            #expect(cursor.upToLast(UInt8(ascii: ":"))?.text == "eth0:1")
            #expect(cursor.integer() == 5)
        }
    }
}
