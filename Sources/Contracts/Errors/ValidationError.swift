/// One thing wrong with a request, in the form FastAPI's clients read: `{type, loc, msg, input}`.
package struct ValidationError: Error, Sendable, Hashable {
    /// Pydantic's name of the fault, such as `missing` or `string_type`.
    package var type: String
    /// Where: `body`, `query` or `path` first.
    package var location: [Element]
    package var message: String
    /// The offending value as JSON; nil is written as null.
    package var input: [UInt8]?

    /// One step of a location.
    package enum Element: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        case name(String)
        case index(Int)

        package init(stringLiteral value: String) { self = .name(value) }
        package init(integerLiteral value: Int) { self = .index(value) }
    }

    package init(_ type: String, at location: [Element], _ message: String, input: [UInt8]? = nil) {
        self.type = type
        self.location = location
        self.message = message
        self.input = input
    }

    /// With the offending value, left out above 1 KiB.
    package init(_ type: String, at location: [Element], _ message: String, input: JSONValue) {
        let echo = input.minified
        self.init(type, at: location, message, input: echo.count <= 1024 ? echo : nil)
    }

    /// A body that is not JSON.
    package static func malformed(_ error: JSONError) -> ValidationError {
        ValidationError("json_invalid", at: ["body", 0], error.message, input: Array("{}".utf8))
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("type", type)
            writer.member(
                "loc",
                array: { writer in
                    for element in location {
                        switch element {
                        case .name(let name): writer.string(name)
                        case .index(let index): writer.int(index)
                        }
                    }
                })
            writer.member("msg", message)
            writer.member("input", raw: input)
        }
    }
}

/// Everything wrong with one request; never empty. Answered with 422.
package struct ValidationErrors: Error, Sendable, Hashable {
    package let errors: [ValidationError]

    package init(_ errors: [ValidationError]) { self.errors = errors }
}
