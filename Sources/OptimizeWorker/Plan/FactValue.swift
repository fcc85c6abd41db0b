/// A value of a fact: what JSON can hold.
package enum FactValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case text(String)
    case list([FactValue])
    case facts(Facts)

    /// Null for nil: unknown is never 0.
    package init(_ value: Int?) { self = value.map(FactValue.int) ?? .null }
    package init(_ value: Double?) { self = value.map(FactValue.double) ?? .null }
    package init(_ value: String?) { self = value.map(FactValue.text) ?? .null }
    /// Null for nil; at most `Int.max`.
    package init(_ value: UInt64?) { self = value.map { .int(Int(clamping: $0)) } ?? .null }

    package var int: Int? {
        if case .int(let value) = self { value } else { nil }
    }

    package var text: String? {
        if case .text(let value) = self { value } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// Any number.
    package var double: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}

extension FactValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
}
