@testable import BusClients
import Testing

@Suite struct HeaderCodingTests {
    @Test func keepsEveryFieldInOrder() {
        let headers: Headers = ["a": "1", "": "", "ключ": "wert\u{0}", "long": String(repeating: "x", count: 70_000)]
        #expect(HeaderCoding.decode(HeaderCoding.encode(headers)) == headers)
        #expect(HeaderCoding.encode([:]).isEmpty)
    }

    @Test func stopsAtDamage() {
        var bytes = HeaderCoding.encode(["a": "1", "b": "2"])
        bytes.removeLast()
        #expect(HeaderCoding.decode(bytes) == ["a": "1"])
        #expect(HeaderCoding.decode([1]) == [:])
    }
}
