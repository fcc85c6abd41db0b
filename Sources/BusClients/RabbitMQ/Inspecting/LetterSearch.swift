/// What is looked for among dead letters that come in their order.
struct LetterSearch: Sendable {
    /// A letter with the tag that settles it.
    typealias Found = (tag: UInt64, letter: DeadLetter)

    private enum Wanted {
        case page(after: DeadLetter.ID?, limit: Int, isPast: Bool)
        case these(Set<DeadLetter.ID>)
    }

    private var wanted: Wanted
    private(set) var found: [Found] = []

    private init(_ wanted: Wanted) { self.wanted = wanted }

    /// The letters that follow one, or the first ones when that one does not come.
    static func page(after: DeadLetter.ID?, limit: Int) -> LetterSearch {
        LetterSearch(.page(after: after, limit: limit, isPast: after == nil))
    }

    /// The letters of these ids, one for each.
    static func these(_ ids: Set<DeadLetter.ID>) -> LetterSearch { LetterSearch(.these(ids)) }

    /// Looks at the next letter.
    /// - Returns: Whether the search is over.
    mutating func look(at letter: DeadLetter, tag: UInt64) -> Bool {
        switch wanted {
        case .page(let after, let limit, let isPast):
            if letter.id == after {
                found = []
                wanted = .page(after: after, limit: limit, isPast: true)
                return false
            }
            if found.count < limit { found.append((tag, letter)) }
            return isPast && found.count == limit
        case .these(var missing):
            if missing.remove(letter.id) != nil {
                found.append((tag, letter))
                wanted = .these(missing)
            }
            return missing.isEmpty
        }
    }
}
