import Testing

@testable import BusClients

@Suite struct HeadersTests {
    private let headers: Headers = [
        "a": "1", "": "", "ключ": "wert\u{0}", "long": String(repeating: "x", count: 70_000), "a": "2",
    ]

    @Test func keepsEveryFieldInOrder() {
        #expect(headers.fields.map(\.name) == ["a", "", "ключ", "long", "a"])
        #expect(headers.fields.map(\.value.utf8.count) == [1, 0, 5, 70_000, 1])
        #expect(Headers(encoded: headers.encoded) == headers)
        #expect(Headers().isEmpty && Headers().fields.isEmpty)
    }

    @Test func findsSetsAndRemovesByName() {
        var headers = headers
        #expect(headers["a"] == "1" && headers[""] == "" && headers["ключ"] == "wert\u{0}" && headers["A"] == nil)
        headers["a"] = "3"
        #expect(headers.fields.filter { $0.name == "a" }.map(\.value) == ["3"])
        headers["a"] = nil
        #expect(headers["a"] == nil && headers.fields.count == 3)
    }

    @Test func readsAValueWhereItLies() {
        #expect(headers.withValue(of: "long", \.count) == 70_000)
        #expect(headers.withValue(of: "a", Array.init) == Array("1".utf8))
        #expect(headers.withValue(of: "", \.count) == 0)
        #expect(headers.withValue(of: "lon", \.count) == nil)
    }

    @Test func stopsAtDamage() {
        let whole: Headers = ["a": "1", "b": "2"]
        #expect(Headers(encoded: Array(whole.encoded.dropLast())).fields == [Headers.Field(name: "a", value: "1")])
        #expect(Headers(encoded: [1]).fields.isEmpty)
    }
}
