/// Changes inputs: as text made of JSON's tokens, so that most of what comes out is still nearly well-formed, and as
/// bytes.
struct Mutator {
    /// Larger inputs are cut: the bounds of bodies have tests of their own.
    private static let largest = 192 << 10

    var random: FuzzRandom

    /// A changed copy of the input, which may have got parts of the other one.
    mutating func mutate(_ input: [UInt8], beside other: [UInt8]) -> [UInt8] {
        var bytes = input
        for _ in 0...random.below(4) {
            if random.below(3) == 0 { changeBytes(&bytes) } else { changeTokens(&bytes, beside: other) }
        }
        return Array(bytes.prefix(Self.largest))
    }

    private mutating func changeTokens(_ bytes: inout [UInt8], beside other: [UInt8]) {
        let spans = Tokens.spans(of: bytes)
        guard !spans.isEmpty else { return changeBytes(&bytes) }
        let span = random.pick(spans)
        let token = Array(bytes[span])
        switch random.below(8) {
        case 0, 1: bytes.replaceSubrange(span, with: random.pick(Tokens.hostile))
        case 2:
            let others = Tokens.spans(of: other)
            if !others.isEmpty { bytes.replaceSubrange(span, with: other[random.pick(others)]) }
        case 3: bytes.removeSubrange(span)
        // An element or a member twice: what stands between this token and another one is what belongs to it.
        case 4:
            let end = random.pick(spans).upperBound
            let piece = end > span.lowerBound ? Array(bytes[span.lowerBound..<end]) : token
            bytes.insert(contentsOf: [UInt8(ascii: ",")] + piece, at: span.upperBound)
        case 5: bytes.replaceSubrange(span, with: nested(token))
        case 6:
            let second = random.pick(spans)
            guard second.lowerBound >= span.upperBound else { return }
            let moved = Array(bytes[second])
            bytes.replaceSubrange(second, with: token)
            bytes.replaceSubrange(span, with: moved)
        default:
            // Inside a string or a number.
            let at = span.lowerBound + random.below(span.count + 1)
            bytes.insert(contentsOf: random.pick(Tokens.pieces), at: at)
        }
    }

    /// In so many arrays or objects: around the bounds of 120 and 128 levels, or far beyond.
    private mutating func nested(_ token: [UInt8]) -> [UInt8] {
        let depth = random.pick([1, 2, 110 + random.below(20), 127, 128, 129, 5000])
        let isArray = random.below(2) == 0
        let opening = Array((isArray ? "[" : #"{"a":"#).utf8)
        return Array(repeatElement(opening, count: depth).joined()) + token
            + [UInt8](repeating: UInt8(ascii: isArray ? "]" : "}"), count: depth)
    }

    private mutating func changeBytes(_ bytes: inout [UInt8]) {
        let at = bytes.isEmpty ? 0 : random.below(bytes.count)
        switch random.below(7) {
        case 0 where !bytes.isEmpty: bytes[at] ^= 1 << UInt8(random.below(8))
        case 1 where !bytes.isEmpty: bytes[at] = UInt8(random.below(256))
        case 2 where !bytes.isEmpty: bytes.removeSubrange(at...)
        case 3 where !bytes.isEmpty:
            bytes.removeSubrange(at..<min(bytes.count, at + 1 + random.below(16)))
        case 4: bytes.insert(contentsOf: random.pick(Tokens.pieces), at: at)
        case 5 where !bytes.isEmpty:
            let piece = Array(bytes[at..<min(bytes.count, at + 1 + random.below(32))])
            let times = random.pick([1, 2, 10, 1000])
            bytes.insert(contentsOf: repeatElement(piece, count: times).joined(), at: at)
        default: bytes.insert(UInt8(random.below(256)), at: at)
        }
    }
}
