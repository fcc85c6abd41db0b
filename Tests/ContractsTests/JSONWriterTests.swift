import Contracts
import Runtime
import Testing

@Suite struct JSONWriterTests {
    @Test func separatesValues() throws {
        var writer = JSONWriter()
        writer.array { writer in
            writer.int(1)
            writer.string("{")
            writer.string("")
            writer.array { _ in }
            writer.object { writer in
                writer.member("a", array: { $0.null() })
                writer.member("b", false)
            }
            writer.double(1e300)
        }
        writer.newLine()
        writer.object { _ in }
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == "[1,\"{\",\"\",[],{\"a\":[null],\"b\":false},1e+300]\n{}")
    }

    @Test func roundTripsThroughTheReader() throws {
        var writer = JSONWriter()
        let text = String(String.UnicodeScalarView((0...0x2ff).compactMap(Unicode.Scalar.init)))
        writer.object { writer in
            writer.member("s", text)
            writer.member("sub", text.dropFirst(3))
            writer.member("i", Int64.min)
            writer.member("u", UInt64.max)
            writer.member("d", 0.1)
            writer.member("w", 1.0)
            writer.member("nan", Double.nan)
            writer.member("n", nil as String?)
            writer.member("at", Timestamp(microseconds: 1_500_000))
        }
        let root = try JSONDocument(parsing: writer.bytes).root
        #expect(root["s"]?.string == text)
        #expect(root["sub"]?.string == String(text.dropFirst(3)))
        #expect(root["i"]?.int == .min)
        #expect(root["u"]?.uint64 == .max)
        #expect(root["d"]?.double == 0.1)
        #expect(root["w"]?.minified == Array("1.0".utf8))
        #expect(root["nan"]?.isNull == true)
        #expect(root["n"]?.isNull == true)
        #expect(root["at"]?.timestamp == Timestamp(microseconds: 1_500_000))
    }
}
