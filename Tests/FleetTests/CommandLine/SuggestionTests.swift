import Testing

@testable import flotilla

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("json", "json", 0), ("jsn", "json", 1), ("josn", "json", 1), ("", "abc", 3), ("kitten", "sitting", 3),
    ])
    func countsEdits(left: String, right: String, distance: Int) {
        #expect(Suggestion.distance(left, right) == distance)
        #expect(Suggestion.distance(right, left) == distance)
    }

    @Test func offersOnlyWhatIsNear() {
        let words = ["json", "state", "expires-in"]
        #expect(Suggestion.nearest(to: "jsno", among: words) == "json")
        #expect(Suggestion.nearest(to: "expires", among: words) == "expires-in")
        #expect(Suggestion.nearest(to: "colour", among: words) == nil)
        #expect(Suggestion.nearest(to: "x", among: []) == nil)
    }
}
