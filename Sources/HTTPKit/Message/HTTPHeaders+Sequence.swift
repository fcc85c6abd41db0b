extension HTTPHeaders: Sequence {
    /// One header field.
    package struct Field: Sendable, Hashable {
        package let name: String
        package let value: String
    }

    package func makeIterator() -> some IteratorProtocol<Field> {
        var parts = storage.split(separator: 0, omittingEmptySubsequences: false).makeIterator()
        return AnyIterator {
            guard let name = parts.next(), let value = parts.next() else { return nil }
            return Field(name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self))
        }
    }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { append(name, value) }
    }
}
