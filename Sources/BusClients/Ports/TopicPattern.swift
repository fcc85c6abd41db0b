/// A pattern of routing keys with AMQP's meaning: `*` is exactly one word, `#` is zero or more words.
///
/// Source: AMQP 0-9-1, section 3.1.3.3 (the topic exchange type). A word is the text between dots and may be empty.
public struct TopicPattern: BusName {
    public let rawValue: String

    public init(_ pattern: String) { rawValue = pattern }

    /// Every routing key.
    public static let all: TopicPattern = "#"

    /// Whether the routing key matches.
    public func matches(_ key: RoutingKey) -> Bool {
        if rawValue == "#" { return true }
        let pattern = rawValue.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let words = key.rawValue.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return Self.match(pattern[...], words[...])
    }

    /// Backtracks only to the last `#`, so the time is at most words × pattern words.
    private static func match(
        _ pattern: ArraySlice<Substring.UTF8View>, _ words: ArraySlice<Substring.UTF8View>
    ) -> Bool {
        var patternIndex = pattern.startIndex
        var wordIndex = words.startIndex
        var resume: (pattern: Int, word: Int)?
        while wordIndex < words.endIndex {
            if patternIndex < pattern.endIndex, pattern[patternIndex].elementsEqual("#".utf8) {
                patternIndex += 1
                resume = (patternIndex, wordIndex)
            } else if patternIndex < pattern.endIndex,
                pattern[patternIndex].elementsEqual("*".utf8) || pattern[patternIndex].elementsEqual(words[wordIndex])
            {
                patternIndex += 1
                wordIndex += 1
            } else if let last = resume {
                patternIndex = last.pattern
                wordIndex = last.word + 1
                resume = (last.pattern, last.word + 1)
            } else {
                return false
            }
        }
        return pattern[patternIndex...].allSatisfy { $0.elementsEqual("#".utf8) }
    }
}
