extension JSONValue {
    /// How many elements or members; nil for a value that has none. At 16,777,215 it means "at least".
    package var count: Int? { kind == .array || kind == .object ? word.count : nil }

    /// The member of an object with this name; nil when it is absent or this is no object. Searches linearly.
    package subscript(name: String) -> JSONValue? {
        guard word.type == .object else { return nil }
        var at = index + 1
        let close = word.closing - 1
        while at < close {
            let value = JSONValue(document: document, index: at + 1)
            if document.text(TapeWord(rawValue: document.tape[at])).equals(name) { return value }
            at = value.end
        }
        return nil
    }

    /// The elements of an array, in order; none for another type.
    package var elements: Elements { Elements(self) }

    /// The members of an object, in the order of the text; none for another type.
    package var members: Members { Members(self) }

    /// The elements of an array.
    package struct Elements: Sequence, IteratorProtocol {
        private let document: JSONDocument
        private var at: Int
        private let close: Int

        fileprivate init(_ value: JSONValue) {
            document = value.document
            at = value.index + 1
            close = value.word.type == .array ? value.word.closing - 1 : at
        }

        package mutating func next() -> JSONValue? {
            guard at < close else { return nil }
            let value = JSONValue(document: document, index: at)
            at = value.end
            return value
        }
    }

    /// The members of an object.
    package struct Members: Sequence, IteratorProtocol {
        private let document: JSONDocument
        private var at: Int
        private let close: Int

        fileprivate init(_ value: JSONValue) {
            document = value.document
            at = value.index + 1
            close = value.word.type == .object ? value.word.closing - 1 : at
        }

        package mutating func next() -> (name: JSONName, value: JSONValue)? {
            guard at < close else { return nil }
            let name = JSONName(document: document, index: at)
            let value = JSONValue(document: document, index: at + 1)
            at = value.end
            return (name, value)
        }
    }
}

/// The name of a member of an object.
package struct JSONName: Sendable {
    fileprivate let document: JSONDocument
    fileprivate let index: Int

    package var string: String {
        withExtendedLifetime(document) { String(decoding: utf8, as: UTF8.self) }
    }

    package static func == (name: JSONName, text: StaticString) -> Bool {
        withExtendedLifetime(name.document) { name.utf8.equals(text) }
    }

    package static func ~= (text: StaticString, name: JSONName) -> Bool { name == text }

    private var utf8: UnsafeBufferPointer<UInt8> { document.text(TapeWord(rawValue: document.tape[index])) }
}
