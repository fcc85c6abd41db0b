/// The value of a log field.
package enum LogValue: Sendable, Hashable {
    case string(String)
    case int(Int64)
    case double(Double)
    case bool(Bool)

    /// Whole numbers beyond `Int64` are cut to its ends.
    package init(_ number: some BinaryInteger) { self = .int(Int64(clamping: number)) }

    package init(_ text: some StringProtocol) { self = .string(String(text)) }

    /// A duration in milliseconds.
    package init(milliseconds duration: Duration) { self = .double(Double(duration.wholeMicroseconds) / 1000) }
}

extension LogValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }

    package init(integerLiteral value: Int64) { self = .int(value) }

    package init(floatLiteral value: Double) { self = .double(value) }

    package init(booleanLiteral value: Bool) { self = .bool(value) }
}
