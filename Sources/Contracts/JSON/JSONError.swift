/// Why a text is not a JSON document that Flotilla takes.
package struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of fault.
    package enum Code: String, Sendable {
        case empty, syntax, string, number, depth, duplicate, tooLarge, noMemory
    }

    package let code: Code

    package init(_ code: Code) { self.code = code }

    /// A sentence for the client; it holds nothing of the text.
    package var message: String {
        switch code {
        case .empty: "The body is empty"
        case .syntax: "The text is not well-formed JSON"
        case .string: "A string is not valid UTF-8, is not closed, or has a control character or a broken escape"
        case .number: "A number is malformed or out of range"
        case .depth: "The text is nested too deeply"
        case .duplicate: "An object has a name twice"
        case .tooLarge: "The text is too large"
        case .noMemory: "There is not enough memory to read the text"
        }
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
