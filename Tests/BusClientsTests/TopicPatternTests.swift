import BusClients
import Testing

@Suite struct TopicPatternTests {
    @Test(arguments: [
        ("#", "", true), ("#", "a", true), ("#", "a.b.c", true),
        ("*", "a", true), ("*", "a.b", false), ("*", "", true),
        ("a.*", "a.b", true), ("a.*", "a", false), ("a.*", "a.b.c", false),
        ("a.#", "a", true), ("a.#", "a.b.c", true), ("a.#", "b", false),
        ("#.b", "b", true), ("#.b", "a.b", true), ("#.b", "a.b.c", false),
        ("a.#.b", "a.b", true), ("a.#.b", "a.x.y.b", true), ("a.#.b", "a.x", false),
        ("*.*", "a.b", true), ("#.*", "a", true), ("*.#", "a.b.c", true), ("#.#", "", true),
        ("#.a.#.b.#", "x.a.y.b.z", true), ("#.a.#.b.#", "x.b.y.a.z", false),
        ("a.b", "a.b", true), ("a.b", "a.bc", false), ("a*", "ab", false), ("a#", "ab", false),
        ("#.a.*", "a.a.a", true), ("*.a.#.c", "x.a.c.b.c", true),
    ])
    func matchesAsAMQPDoes(_ pattern: String, _ key: String, _ expected: Bool) {
        #expect(TopicPattern(pattern).matches(RoutingKey(key)) == expected)
    }

    @Test func staysFastOnAHostilePattern() {
        let pattern = TopicPattern(Array(repeating: "#.a", count: 40).joined(separator: ".") + ".b")
        let key = RoutingKey(Array(repeating: "a", count: 100).joined(separator: "."))
        #expect(!pattern.matches(key))
    }
}
