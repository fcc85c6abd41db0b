internal import Contracts

/// Named values in their order, written as a JSON object: evidence, measurements, reports.
package struct Facts: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// One named value.
    package struct Field: Sendable, Hashable {
        package let name: String
        package let value: FactValue
    }

    package private(set) var fields: [Field] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, FactValue)...) {
        for (name, value) in elements { self[name] = value }
    }

    package var isEmpty: Bool { fields.isEmpty }

    /// The value of a name; setting replaces it in its place, setting nil removes it.
    package subscript(name: String) -> FactValue? {
        get { fields.first { $0.name == name }?.value }
        set {
            let index = fields.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): fields[index] = Field(name: name, value: value)
            case (let index?, nil): fields.remove(at: index)
            case (nil, let value?): fields.append(Field(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Takes over the fields of others; theirs win.
    package mutating func merge(_ other: Facts) {
        for field in other.fields { self[field.name] = field.value }
    }
}
