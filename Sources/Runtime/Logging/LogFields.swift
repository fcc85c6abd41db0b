/// The fields of a log line, in order; a name stands once.
package struct LogFields: Sendable, ExpressibleByDictionaryLiteral {
    package private(set) var elements: [(name: String, value: LogValue)]

    package init() { elements = [] }

    package init(dictionaryLiteral elements: (String, LogValue)...) {
        self.init()
        for (name, value) in elements { self[name] = value }
    }

    package var isEmpty: Bool { elements.isEmpty }

    /// Setting replaces the value in its place, adds at the end, or removes with nil.
    package subscript(name: String) -> LogValue? {
        get { elements.first { $0.name == name }?.value }
        set {
            let index = elements.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (.some(let index), .some(let value)): elements[index].value = value
            case (.some(let index), .none): elements.remove(at: index)
            case (.none, .some(let value)): elements.append((name, value))
            case (.none, .none): break
            }
        }
    }

    /// These fields and then others; of two with one name the other's value holds.
    package func merging(_ others: LogFields) -> LogFields {
        if isEmpty { return others }
        var merged = self
        for (name, value) in others.elements { merged[name] = value }
        return merged
    }
}
