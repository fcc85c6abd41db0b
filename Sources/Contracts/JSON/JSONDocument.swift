import CSimdJSON

/// A parsed JSON text.
///
/// The text is parsed once, completely, by simdjson's DOM; reading it afterwards costs no parsing. The document owns
/// copies of everything it needs. Refused: malformed text, invalid UTF-8, numbers beyond 64-bit integers and doubles,
/// nesting deeper than 128 levels, and an object with a name twice.
///
/// `@unchecked Sendable`: the C document is written by `init` only, read-only afterwards, and freed by `deinit`.
package final class JSONDocument: @unchecked Sendable {
    /// Levels of nesting within the fleet: simdjson's bound as we set it.
    package static let maximumDepth = 128
    /// Levels of nesting of a client's body: less, because what is taken from it is wrapped on its way through the fleet.
    package static let maximumBodyDepth = 120

    let pointer: OpaquePointer
    /// simdjson's tape: one word a token, the type in the top 8 bits (doc/tape.md).
    let tape: UnsafePointer<UInt64>
    let strings: UnsafePointer<UInt8>

    /// Parses UTF-8 bytes, nested at most `depth` levels.
    package convenience init(parsing bytes: [UInt8], depth: Int = maximumDepth) throws(JSONError) {
        let result = bytes.withUnsafeBytes { text in
            Result { () throws(JSONError) in try Self.parse(text, depth: depth) }
        }
        self.init(taking: try result.get())
    }

    /// Parses a part of UTF-8 bytes.
    package convenience init(parsing bytes: ArraySlice<UInt8>) throws(JSONError) {
        let result = bytes.withUnsafeBytes { text in Result { () throws(JSONError) in try Self.parse(text) } }
        self.init(taking: try result.get())
    }

    /// Parses UTF-8 bytes, which need to live only during the call.
    package convenience init(parsing bytes: UnsafeRawBufferPointer) throws(JSONError) {
        self.init(taking: try Self.parse(bytes))
    }

    /// Parses a text.
    package convenience init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }

    private init(taking pointer: OpaquePointer) {
        self.pointer = pointer
        tape = flotilla_json_tape(pointer)
        strings = flotilla_json_strings(pointer)
    }

    deinit { flotilla_json_free(pointer) }

    /// The document's value.
    package var root: JSONValue { JSONValue(document: self, index: 1) }

    private static func parse(
        _ bytes: UnsafeRawBufferPointer, depth: Int = maximumDepth
    ) throws(JSONError) -> OpaquePointer {
        var error = FLOTILLA_JSON_OK
        guard let pointer = flotilla_json_parse(bytes.baseAddress, bytes.count, depth, &error) else {
            throw JSONError(JSONError.Code(error))
        }
        return pointer
    }
}

extension JSONError.Code {
    fileprivate init(_ error: flotilla_json_error) {
        self =
            switch error {
            case FLOTILLA_JSON_NO_MEMORY: .noMemory
            case FLOTILLA_JSON_EMPTY: .empty
            case FLOTILLA_JSON_STRING: .string
            case FLOTILLA_JSON_NUMBER: .number
            case FLOTILLA_JSON_DEPTH: .depth
            case FLOTILLA_JSON_DUPLICATE: .duplicate
            case FLOTILLA_JSON_TOO_LARGE: .tooLarge
            default: .syntax
            }
    }
}
