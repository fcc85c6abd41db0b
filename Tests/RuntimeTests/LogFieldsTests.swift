import Testing

@testable import Runtime

@Suite struct LogFieldsTests {
    @Test func keepsOrderAndOneOfEachName() {
        var fields: LogFields = ["b": 1, "a": "x", "b": 2]
        fields["c"] = .bool(true)
        fields["a"] = nil
        #expect(fields.elements.map(\.name) == ["b", "c"])
        #expect(fields["b"] == .int(2))
        #expect(LogFields().isEmpty)
    }

    @Test func takesLiteralsAndNumbers() {
        let name = "flotilla"
        let fields: LogFields = ["text": "hello \(name)", "double": 1.5, "flag": false]
        #expect(fields["text"] == .string("hello flotilla"))
        #expect(fields["double"] == .double(1.5))
        #expect(LogValue(UInt64.max) == .int(.max))
        #expect(LogValue("abc".prefix(2)) == .string("ab"))
        #expect(LogValue(milliseconds: .microseconds(1500)) == .double(1.5))
    }
}
