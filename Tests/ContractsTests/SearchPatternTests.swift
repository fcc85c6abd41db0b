import Contracts
import Testing

@Suite struct SearchPatternTests {
    @Test func isFoundAnywhere() throws {
        let pattern = try #require(SearchPattern("py(thon)?3\\b"))
        #expect(pattern.isFound(in: "/usr/bin/python3 -m x"))
        #expect(pattern.isFound(in: "py3"))
        #expect(!pattern.isFound(in: "Python3"))
        #expect(!pattern.isFound(in: ""))
        #expect(SearchPattern("(?i)^PY")?.isFound(in: "python") == true)
        #expect(SearchPattern("")?.isFound(in: "") == true)
        #expect(SearchPattern("ü.$")?.isFound(in: "grün") == true)
        #expect(SearchPattern("a\0b")?.isFound(in: "xa\0b") == true)
    }

    @Test(arguments: [
        "(", "[", "*", "a**", "(a)\\1", "(?=a)", "\\", "a{1001}", "((a{1,255}){1,255}){1,255}",
        String(repeating: "a", count: 257),
    ]) func refusesWhatIsNoneOrTooLarge(text: String) { #expect(SearchPattern(text) == nil) }

    /// What takes others longer than the universe exists.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "^(a+)+$", "(a|a)*b", "(a*)*c", "(x+x+)+y", String(repeating: "a?", count: 100) + "$b",
            "(a|b)*a" + String(repeating: "(a|b)", count: 40) + "$",
        ]) func takesTimeThatGrowsWithTheTextOnly(text: String) throws
    {
        let pattern = try #require(SearchPattern(text))
        let clock = ContinuousClock()
        let input = String(repeating: "a", count: 4095) + "!"
        let taken = clock.measure { for _ in 0..<10 { #expect(!pattern.isFound(in: input)) } }
        #expect(taken < .seconds(5))
    }
}
