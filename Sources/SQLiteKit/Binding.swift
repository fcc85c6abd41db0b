/// A value bound to a statement's parameter.
package enum Binding: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    /// NULL for nil.
    package init(_ value: Int64?) { self = value.map(Binding.integer) ?? .null }
    package init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }
    package init(_ value: Double?) { self = value.map(Binding.real) ?? .null }
    package init(_ value: String?) { self = value.map(Binding.text) ?? .null }
    package init(_ value: [UInt8]?) { self = value.map(Binding.blob) ?? .null }
    package init(_ value: Bool) { self = .integer(value ? 1 : 0) }
}

extension Binding: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByNilLiteral
{
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .real(value) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(nilLiteral: ()) { self = .null }
}
