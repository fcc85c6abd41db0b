import Contracts
import DocumentTestKit
import Testing

/// The check of answers and messages can fail.
@Suite struct SchemaCheckTests {
    private static let person = Schema.object([
        .init("name", .text("alice", length: 1...5)), .init("age", .integer(7, in: 0...150).nullable),
        .init("tags", .array(.words(["a", "b"]), count: 0...2), isRequired: false),
        .init("share", .number(0.5, above: 0, atMost: 1), isRequired: false),
        .init("born", .time(), isRequired: false), .init("id", .uuid(), isRequired: false),
        .init("at", .naiveTime(), isRequired: false),
        .init("more", .map(.flag(true)), isRequired: false),
        .init("pair", .tuple([.integer(1), .text("x")]), isRequired: false),
        .init("either", .alternatives([.integer(1), .object([.init("a", .flag(true))])]), isRequired: false),
    ]).named("Person")

    private static func faults(_ text: String) throws -> [String] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member(
                "components",
                object: { writer in
                    Schema.writeNamed(in: [person], to: &writer)
                })
        }
        let document = try JSONDocument(parsing: writer.bytes).root
        var reference = JSONWriter()
        person.write(to: &reference)
        return SchemaCheck(document: document).faults(
            try JSONDocument(parsing: text).root, try JSONDocument(parsing: reference.bytes).root)
    }

    @Test(arguments: [
        #"{"name":"bob","age":7}"#, #"{"name":"bob","age":null,"tags":["a"],"share":1.0}"#,
        #"{"name":"bob","age":7.0,"more":{"x":true},"pair":[1,"x"],"either":{"a":false}}"#,
        #"{"name":"b","age":0,"born":"2026-01-01T00:00:00Z","id":"01936b4e-7c1d-7b5a-9d3e-2f8a4c6e1b07"}"#,
        #"{"name":"b","age":0,"at":"2026-01-01T00:00:00.123456"}"#,
    ])
    func takesWhatFits(text: String) throws {
        #expect(try Self.faults(text) == [])
    }

    @Test(arguments: [
        (#"{"name":"bob"}"#, "age is missing"), (#"{"name":null,"age":1}"#, "$.name: null is not of type"),
        (#"{"name":"bob","age":1,"x":1}"#, "x is not described"), (#"{"name":"","age":1}"#, "minLength"),
        (#"{"name":"robert","age":1}"#, "maxLength"), (#"{"name":"bob","age":-1}"#, "minimum"),
        (#"{"name":"bob","age":151}"#, "maximum"), (#"{"name":"bob","age":1.5}"#, "not of type"),
        (#"{"name":"bob","age":1,"tags":["c"]}"#, "$.tags[0]: \"c\" is none of"),
        (#"{"name":"bob","age":1,"tags":["a","b","a"]}"#, "maxItems"),
        (#"{"name":"bob","age":1,"share":0}"#, "exclusiveMinimum"),
        (#"{"name":"bob","age":1,"born":"2026-01-01T00:00:00"}"#, "no date-time"),
        (#"{"name":"bob","age":1,"at":"2026-01-01T00:00:00Z"}"#, "does not match"),
        (#"{"name":"bob","age":1,"id":"1"}"#, "no uuid"),
        (#"{"name":"bob","age":1,"more":{"x":1}}"#, "$.more.x: 1 is not of type"),
        (#"{"name":"bob","age":1,"pair":[1]}"#, "minItems"), (#"{"name":"bob","age":1,"pair":["x","x"]}"#, "$.pair[0]"),
        (#"{"name":"bob","age":1,"either":"x"}"#, "fits none of"), (#"[]"#, "not of type"),
    ])
    func namesWhatDoesNot(text: String, fault: String) throws {
        let faults = try Self.faults(text)
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
    }

    @Test func saysWhatItDoesNotKnow() throws {
        let schema = try JSONDocument(parsing: #"{"type":"integer","multipleOf":2}"#).root
        let value = try JSONDocument(parsing: "3").root
        #expect(
            SchemaCheck(document: schema).faults(value, schema) == ["$: the check does not know the keyword multipleOf"]
        )
    }
}

@Suite struct SchemaWordsTests {
    @Test func saysWhatFits() {
        #expect(Schema.integer(50, in: 1...200).defaulting(to: "50").words == "integer, 1 to 200, default 50")
        #expect(Schema.integer(0, in: 0...Int.max).words == "integer, at least 0")
        #expect(Schema.number(24, above: 0, atMost: 8760).words == "number above 0.0 to 8760.0")
        #expect(Schema.words(["json", "csv"]).nullable.words == "`json` or `csv`, or null")
        #expect(Schema.text("x", length: 1...255).words == "text, 1 to 255 characters")
        #expect(Schema.time().words == "date-time")
        #expect(Schema.alternatives([.flag(true), .array(.uuid())]).words == "`true` or `false` or list")
        #expect(Schema.object([]).named("X").words == "object")
        #expect(Schema.anything().words == "anything")
    }
}
