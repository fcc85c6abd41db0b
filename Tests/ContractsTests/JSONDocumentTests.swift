import Contracts
import Testing

@Suite struct JSONDocumentTests {
    @Test func readsEveryType() throws {
        let text =
            #"{"a":null,"b":true,"c":-7,"d":18446744073709551615,"e":1.5,"f":"h\u00e9 \ud83d\ude00","g":[1,[2],{}],"h":{}}"#
        let root = try JSONDocument(parsing: text).root
        #expect(root.count == 8)
        #expect(root["a"]?.isNull == true)
        #expect(root["b"]?.bool == true)
        #expect(root["c"]?.int == -7)
        #expect(root["c"]?.double == -7)
        #expect(root["d"]?.int == nil)
        #expect(root["d"]?.uint64 == .max)
        #expect(root["e"]?.double == 1.5)
        #expect(root["e"]?.int == nil)
        #expect(root["f"]?.string == "hé 😀")
        #expect(root["f"]?.isString("hé 😀") == true)
        #expect(root["g"]?.elements.map(\.minified) == ["1", "[2]", "{}"].map { Array($0.utf8) })
        #expect(root["h"]?.members.map(\.name.string) == [])
        #expect(root["i"] == nil)
        #expect(root.members.map(\.name.string) == ["a", "b", "c", "d", "e", "f", "g", "h"])
    }

    @Test func keepsValuesInRawSlices() throws {
        let text = #" {"p" : { "z": [1, 2.50, -0.0, 1e3], "s": "a\"\\\/\n\u0000é", "n": null, "b":false } } "#
        let payload = try JSONDocument(parsing: text).root["p"]
        let minified = try #require(payload).minified
        #expect(
            String(decoding: minified, as: UTF8.self)
                == #"{"z":[1,2.5,-0.0,1000.0],"s":"a\"\\/\n\u0000é","n":null,"b":false}"#)
        #expect(try JSONDocument(parsing: minified).root.minified == minified)
    }

    @Test(arguments: [
        ("", JSONError.Code.empty), ("  \n", .empty), ("{", .syntax), ("{\"a\":1,}", .syntax), ("[1]x", .syntax),
        ("\"a", .string), ("\"\u{1}\"", .string), ("\"\\ud800\"", .string), ("1e999", .number), ("01", .number),
        ("123456789012345678901234567890", .number), ("{\"a\":1,\"b\":{\"c\":1,\"c\":2}}", .duplicate),
        ("nan", .syntax),
    ])
    func refuses(_ text: String, _ code: JSONError.Code) {
        #expect(throws: JSONError(code)) { try JSONDocument(parsing: text) }
    }

    @Test func refusesInvalidUTF8() {
        #expect(throws: JSONError(.string)) { try JSONDocument(parsing: [0x22, 0xff, 0x22]) }
    }

    @Test func refusesDeepNesting() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: JSONError(.depth)) { try JSONDocument(parsing: nested(100_000)) }
        #expect(throws: JSONError(.depth)) { try JSONDocument(parsing: nested(129)) }
        _ = try JSONDocument(parsing: nested(120))
        _ = try JSONDocument(parsing: Array(nested(120).utf8), depth: 120)
        #expect(throws: JSONError(.depth)) { try JSONDocument(parsing: Array(nested(121).utf8), depth: 120) }
    }

    @Test func findsDuplicatesInLargeObjects() throws {
        let members = (0..<1000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        #expect(try JSONDocument(parsing: "{\(members)}").root["k999"]?.int == 999)
        #expect(throws: JSONError(.duplicate)) { try JSONDocument(parsing: "{\(members),\"k500\":1}") }
    }

    @Test func keepsNULInStrings() throws {
        #expect(try JSONDocument(parsing: #"["a\u0000b"]"#).root.elements.map(\.string) == ["a\u{0}b"])
    }

    @Test func documentsOutliveEachOther() async throws {
        let first = try JSONDocument(parsing: "[1]").root
        var others: [JSONValue] = []
        for index in 0..<100 { others.append(try JSONDocument(parsing: "[\(index),\"\(index)\"]").root) }
        #expect(first.minified == Array("[1]".utf8))
        #expect(others.enumerated().allSatisfy { $1.minified == Array("[\($0),\"\($0)\"]".utf8) })
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try (0..<500).allSatisfy { (number: Int) in
                        try JSONDocument(parsing: "{\"v\":\(number)}").root["v"]?.int == number
                    }
                }
            }
            for try await result in group { #expect(result) }
        }
    }

    @Test func survivesMutatedInput() {
        let seed = Array(#"{"commands":[{"device_id":"d","payload":{"a":[1,2.5e3,"\u00e9"]},"x":null}]}"#.utf8)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            bytes.removeLast(Int.random(in: 0...3, using: &generator))
            guard let document = try? JSONDocument(parsing: bytes) else { continue }
            _ = document.root.minified
        }
    }
}
