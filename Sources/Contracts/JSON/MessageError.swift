/// A message from the bus that is not what its stream carries.
package struct MessageError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was expected and where, without the message's content.
    package let message: String

    package init(_ message: String) { self.message = message }

    package var description: String { message }
}

/// Reads of what a message must have.
extension JSONValue {
    package func requiredString(_ name: String) throws(MessageError) -> String {
        try required(name, "a string") { $0.string }
    }

    package func requiredInt(_ name: String) throws(MessageError) -> Int {
        try required(name, "an integer") { $0.int }
    }

    package func requiredDouble(_ name: String) throws(MessageError) -> Double {
        try required(name, "a number") { $0.double }
    }

    package func requiredBool(_ name: String) throws(MessageError) -> Bool {
        try required(name, "a boolean") { $0.bool }
    }

    package func requiredObject(_ name: String) throws(MessageError) -> JSONValue {
        try required(name, "an object") { $0.kind == .object ? $0 : nil }
    }

    package func requiredArray(_ name: String) throws(MessageError) -> JSONValue {
        try required(name, "an array") { $0.kind == .array ? $0 : nil }
    }

    package func required<T>(
        _ name: String, _ what: String, _ read: (JSONValue) -> T?
    ) throws(MessageError) -> T {
        guard let value = self[name].flatMap(read) else { throw MessageError("\(name) must be \(what)") }
        return value
    }
}
