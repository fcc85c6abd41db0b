internal import Contracts
package import HTTPKit

/// Reads a query's parameters by type and collects everything that is wrong, in FastAPI's words.
package struct QueryReader {
    private let pairs: [(name: String, value: String)]
    private var errors: [ValidationError] = []

    package init(_ request: HTTPRequest) { pairs = request.query.isEmpty ? [] : request.query.pairs }

    /// The first value; nil when absent.
    package func string(_ name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// Every value of a parameter that may come several times.
    package func strings(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    package mutating func int(_ name: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        guard let text = string(name) else { return standard }
        guard let value = Int(text) else {
            fail("int_parsing", name, "Input should be a valid integer, unable to parse string as an integer")
            return standard
        }
        return check(value, name, range) ? value : standard
    }

    package mutating func double(_ name: String, default standard: Double, in range: ClosedRange<Double>) -> Double {
        guard let text = string(name) else { return standard }
        guard let value = Double(text), value.isFinite else {
            fail("float_parsing", name, "Input should be a valid number, unable to parse string as a number")
            return standard
        }
        return check(value, name, range) ? value : standard
    }

    /// `true`, `1`, `on`, `yes`, `y`, `t` and their opposites, in any case.
    package mutating func bool(_ name: String, default standard: Bool) -> Bool {
        guard let text = string(name) else { return standard }
        switch text.lowercased() {
        case "true", "1", "on", "yes", "y", "t": return true
        case "false", "0", "off", "no", "n", "f": return false
        default:
            fail("bool_parsing", name, "Input should be a valid boolean, unable to interpret input")
            return standard
        }
    }

    /// One of some words.
    package mutating func word(_ name: String, of words: [String]) -> String? {
        guard let text = string(name) else { return nil }
        guard words.contains(text) else {
            fail("enum", name, "Input should be \(words.map { "'\($0)'" }.joined(separator: ", "))")
            return nil
        }
        return text
    }

    /// Adds a fault that only the caller knows.
    package mutating func fail(_ type: String, _ name: String, _ message: String) {
        var input = JSONWriter()
        if let text = string(name) { input.string(text.utf8.count <= 1024 ? text : "") } else { input.null() }
        errors.append(ValidationError(type, at: ["query", .name(name)], message, input: input.bytes))
    }

    /// - Throws: 422 with every fault.
    package func finish() throws(HTTPError) {
        if !errors.isEmpty { throw .validation(errors) }
    }

    private mutating func check<Value: Comparable & CustomStringConvertible>(
        _ value: Value, _ name: String, _ range: ClosedRange<Value>
    ) -> Bool {
        if value < range.lowerBound {
            fail("greater_than_equal", name, "Input should be greater than or equal to \(range.lowerBound)")
        } else if value > range.upperBound {
            fail("less_than_equal", name, "Input should be less than or equal to \(range.upperBound)")
        } else {
            return true
        }
        return false
    }
}
