import Testing

@testable import Runtime

@Suite struct TraceStateTests {
    @Test(arguments: [
        ("foo=1", "foo=1"), ("foo=1,bar=2", "foo=1,bar=2"), ("foo=1 \t , \t bar=2, \t baz=3", "foo=1,bar=2,baz=3"),
        ("foo=1,", "foo=1"), (",,foo=1,,", "foo=1"), ("0a-_*/b@a-_*/9=v", "0a-_*/b@a-_*/9=v"), ("a= x y", "a= x y"),
        ("foo=!\"#$%&'()*+-./:;<>?@[\\]^_`{|}~", "foo=!\"#$%&'()*+-./:;<>?@[\\]^_`{|}~"),
    ])
    func passesMembersOn(_ text: String, _ expected: String) { #expect(TraceState.bounded(text) == expected) }

    @Test(arguments: [
        "", ",", "foo", "foo=", "=1", "foo=1=2", "foo =1", "FOO=1", "foo.bar=1", "foo@=1", "@foo=1", "foo@@bar=1",
        "foo@bar@baz=1", "1foo=1", "foo@1bar=1", "foo=\u{7f}", "foo=é", "foo=a\u{1}b",
        String(repeating: "z", count: 257) + "=1", String(repeating: "t", count: 242) + "@v=1",
        "t@" + String(repeating: "v", count: 15) + "=1", "foo=" + String(repeating: "v", count: 257),
    ])
    func dropsWhatIsMalformed(_ text: String) { #expect(TraceState.bounded(text) == nil) }

    @Test func keepsAtMost32Members() {
        let members = (1...32).map { "bar\($0)=\($0)" }
        #expect(TraceState.bounded(members.joined(separator: ",")) == members.joined(separator: ","))
        #expect(TraceState.bounded((members + ["bar33=33"]).joined(separator: ",")) == nil)
    }

    @Test func aLongOneLosesItsLongMembersFirstAndThenItsLast() throws {
        let long = "long=" + String(repeating: "x", count: 200)
        let short = (0..<8).map { "k\($0)=" + String(repeating: "y", count: 60) }
        // 8 × 63 + 7 commas: 511.
        #expect(TraceState.bounded(([long] + short).joined(separator: ",")) == short.joined(separator: ","))
        let bounded = TraceState.bounded((short + ["z=12345"]).joined(separator: ","))
        #expect(bounded == short.joined(separator: ","))
        let two = [long, "long2=" + String(repeating: "x", count: 200)]
        #expect(
            TraceState.bounded((two + ["a=" + String(repeating: "b", count: 100)]).joined(separator: ","))
                == long + ",a=" + String(repeating: "b", count: 100))
    }

    @Test func comesOnlyWithAValidParent() {
        #expect(TraceContext("00-0-0-00", state: "a=1") == nil)
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        #expect(TraceContext(parent, state: "a=1")?.state == "a=1")
        #expect(TraceContext(parent, state: "broken")?.state == nil)
    }
}
