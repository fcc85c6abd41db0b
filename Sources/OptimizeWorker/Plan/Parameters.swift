internal import Contracts

/// Typed reads of a request's parameters.
package struct Parameters: Sendable {
    private let facts: Facts

    package init(_ json: [UInt8]) throws {
        do {
            facts = try Facts(json: json)
        } catch let error as JSONError {
            throw OptimizationError(.invalidParameter, "parameters: \(error.message)")
        }
    }

    /// - Throws: `OptimizationError` when the value is of another type.
    package func bool(_ name: String, default value: Bool) throws -> Bool {
        switch facts[name] {
        case nil, .null: value
        case .bool(let value): value
        default: throw OptimizationError(.invalidParameter, "\(name) must be true or false")
        }
    }

    /// - Throws: `OptimizationError` when the value is no whole number in the range.
    package func int(_ name: String, default value: Int, in range: ClosedRange<Int>) throws -> Int {
        switch facts[name] {
        case nil, .null: return value
        case .int(let value) where range.contains(value): return value
        default:
            throw OptimizationError(
                .invalidParameter, "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
    }
}
