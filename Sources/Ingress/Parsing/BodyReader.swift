internal import Contracts
internal import HTTPKit

/// Reads the members of a JSON object by type and collects everything that is wrong, in FastAPI's words.
struct BodyReader {
    private let body: JSONValue
    private var errors: [ValidationError] = []

    /// Parses a body; nil when it is empty. What is malformed is refused before anybody asks who sent it.
    /// - Throws: 422 `json_invalid`.
    static func parse(_ bytes: [UInt8]) throws(HTTPError) -> JSONDocument? {
        guard bytes.contains(where: { $0 > 32 }) else { return nil }
        do {
            return try JSONDocument(parsing: bytes, depth: JSONDocument.maximumBodyDepth)
        } catch {
            throw .validation([.malformed(error)])
        }
    }

    /// - Throws: 422 when there is no body or it is not an object.
    init(_ document: JSONDocument?) throws(HTTPError) {
        guard let body = document?.root else {
            throw .validation([ValidationError("missing", at: ["body"], "Field required")])
        }
        guard body.kind == .object else {
            throw .validation([
                ValidationError("model_attributes_type", at: ["body"], "Input should be a valid object", input: body)
            ])
        }
        self.body = body
    }

    /// A text; empty where it is missing or something else, which is noted.
    mutating func requiredString(_ name: String) -> String {
        guard let value = body[name] else {
            errors.append(ValidationError("missing", at: ["body", .name(name)], "Field required", input: body))
            return ""
        }
        guard let text = value.string else {
            fail("string_type", name, "Input should be a valid string", value)
            return ""
        }
        return text
    }

    /// A text; nil where it is missing or null.
    mutating func string(_ name: String) -> String? {
        guard let value = body[name], !value.isNull else { return nil }
        if let text = value.string { return text }
        fail("string_type", name, "Input should be a valid string", value)
        return nil
    }

    mutating func requiredWord(_ name: String, of words: [String]) -> String {
        guard let value = body[name] else {
            errors.append(ValidationError("missing", at: ["body", .name(name)], "Field required", input: body))
            return ""
        }
        return word(name, value, words) ?? ""
    }

    mutating func word(_ name: String, default standard: String, of words: [String]) -> String {
        guard let value = body[name] else { return standard }
        return word(name, value, words) ?? standard
    }

    /// A boolean, or a word or number that FastAPI takes for one.
    mutating func bool(_ name: String, default standard: Bool) -> Bool {
        guard let value = body[name] else { return standard }
        if let bool = value.bool { return bool }
        switch value.string?.lowercased() ?? value.int.map(String.init) {
        case "true", "1", "on", "yes", "y", "t": return true
        case "false", "0", "off", "no", "n", "f": return false
        default:
            fail("bool_parsing", name, "Input should be a valid boolean, unable to interpret input", value)
            return standard
        }
    }

    mutating func requiredBool(_ name: String) -> Bool {
        guard body[name] != nil else {
            errors.append(ValidationError("missing", at: ["body", .name(name)], "Field required", input: body))
            return false
        }
        return bool(name, default: false)
    }

    mutating func int(_ name: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        guard let value = body[name] else { return standard }
        guard let int = value.int ?? value.string.flatMap({ Int($0) }) ?? value.double.flatMap({ Int(exactly: $0) })
        else {
            fail("int_type", name, "Input should be a valid integer", value)
            return standard
        }
        if int < range.lowerBound {
            fail("greater_than_equal", name, "Input should be greater than or equal to \(range.lowerBound)", value)
        } else if int > range.upperBound {
            fail("less_than_equal", name, "Input should be less than or equal to \(range.upperBound)", value)
        }
        return int
    }

    mutating func double(_ name: String, default standard: Double, in range: ClosedRange<Double>) -> Double {
        guard let value = body[name] else { return standard }
        guard let number = value.laxNumber else {
            fail("float_type", name, "Input should be a valid number", value)
            return standard
        }
        if number < range.lowerBound {
            fail("greater_than_equal", name, "Input should be greater than or equal to \(range.lowerBound)", value)
        } else if number > range.upperBound {
            fail("less_than_equal", name, "Input should be less than or equal to \(range.upperBound)", value)
        }
        return number
    }

    /// Every member, which must all be numbers.
    /// - Throws: 422 with every one that is not.
    func numbers() throws(HTTPError) -> [(name: String, value: Double)] {
        var copy = self
        var numbers: [(name: String, value: Double)] = []
        for (name, value) in body.members {
            if let number = value.laxNumber {
                numbers.append((name.string, number))
            } else {
                copy.fail("float_type", name.string, "Input should be a valid number", value)
            }
        }
        try copy.finish()
        return numbers
    }

    /// An object as JSON text.
    mutating func object(_ name: String) -> [UInt8] {
        guard let value = body[name] else { return Array("{}".utf8) }
        guard value.kind == .object else {
            fail("dict_type", name, "Input should be a valid dictionary", value)
            return Array("{}".utf8)
        }
        return value.minified
    }

    /// The elements of an array; none where it is missing.
    mutating func array(_ name: String, maximum: Int) -> [JSONValue] {
        guard let value = body[name] else { return [] }
        guard value.kind == .array else {
            fail("list_type", name, "Input should be a valid list", value)
            return []
        }
        guard value.count ?? 0 <= maximum else {
            fail("too_long", name, "List should have at most \(maximum) items", value)
            return []
        }
        return Array(value.elements)
    }

    /// An array of texts; none where it is missing.
    mutating func strings(_ name: String, maximum: Int) -> [String] {
        var strings: [String] = []
        for (index, value) in array(name, maximum: maximum).enumerated() {
            if let text = value.string {
                strings.append(text)
            } else {
                fail("string_type", at: [.name(name), .index(index)], "Input should be a valid string", value)
            }
        }
        return strings
    }

    /// An object of numbers; none where it is missing.
    mutating func numbers(_ name: String) -> [(name: String, value: Double)] {
        guard let value = body[name] else { return [] }
        guard value.kind == .object else {
            fail("dict_type", name, "Input should be a valid dictionary", value)
            return []
        }
        var numbers: [(name: String, value: Double)] = []
        for (member, value) in value.members {
            if let number = value.laxNumber {
                numbers.append((member.string, number))
            } else {
                fail("float_type", at: [.name(name), .name(member.string)], "Input should be a valid number", value)
            }
        }
        return numbers
    }

    /// Whether there is a value other than null.
    func has(_ name: String) -> Bool { body[name].map { !$0.isNull } ?? false }

    /// Adds a fault of a value within a member, that only the caller knows.
    mutating func fail(
        _ type: String, at location: [ValidationError.Element], _ message: String, _ value: JSONValue? = nil
    ) {
        if let value {
            errors.append(ValidationError(type, at: ["body"] + location, message, input: value))
        } else {
            errors.append(ValidationError(type, at: ["body"] + location, message))
        }
    }

    /// Adds a fault that only the caller knows.
    mutating func fail(_ type: String, _ name: String, _ message: String) {
        errors.append(
            ValidationError(type, at: ["body", .name(name)], message, input: body[name].map(\.minified)))
    }

    /// - Throws: 422 with every fault.
    func finish() throws(HTTPError) {
        if !errors.isEmpty { throw .validation(errors) }
    }

    private mutating func word(_ name: String, _ value: JSONValue, _ words: [String]) -> String? {
        if let text = value.string, words.contains(text) { return text }
        fail("enum", name, "Input should be \(words.map { "'\($0)'" }.joined(separator: ", "))", value)
        return nil
    }

    private mutating func fail(_ type: String, _ name: String, _ message: String, _ value: JSONValue) {
        errors.append(ValidationError(type, at: ["body", .name(name)], message, input: value))
    }
}

extension JSONValue {
    /// A number, or a text or boolean that FastAPI takes for one; nil where it is none or not finite.
    fileprivate var laxNumber: Double? {
        let number = double ?? string.flatMap { Double($0) } ?? bool.map { $0 ? 1 : 0 }
        return number.flatMap { $0.isFinite ? $0 : nil }
    }
}
