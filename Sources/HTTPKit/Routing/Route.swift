/// One registered handler with its limits.
final class Route: Sendable {
    let method: HTTPMethod
    let pattern: String
    let parameterNames: [String]
    let bodyLimit: Int
    let finishesWithoutClient: Bool
    let admit: (@Sendable (HTTPRequest) throws -> Void)?
    let handler: RouteHandler

    init(
        method: HTTPMethod, pattern: String, bodyLimit: Int, finishesWithoutClient: Bool,
        admit: (@Sendable (HTTPRequest) throws -> Void)?, handler: RouteHandler
    ) {
        self.method = method
        self.pattern = pattern
        self.parameterNames = RoutePattern.segments(pattern).compactMap(RoutePattern.parameterName)
        self.bodyLimit = bodyLimit
        self.finishesWithoutClient = finishesWithoutClient
        self.admit = admit
        self.handler = handler
    }
}

/// How patterns are written: literal segments, `{name}`, and `{name*}` for the rest of the path.
enum RoutePattern {
    static func segments(_ pattern: String) -> [Substring] {
        pattern.split(separator: "/", omittingEmptySubsequences: true)
    }

    /// The name in `{name}` or `{name*}`; nil for a literal.
    static func parameterName(_ segment: Substring) -> String? {
        guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return nil }
        return String(segment.dropFirst().dropLast(isTail(segment) ? 2 : 1))
    }

    /// Whether the segment takes the rest of the path.
    static func isTail(_ segment: Substring) -> Bool {
        segment.hasPrefix("{") && segment.hasSuffix("*}")
    }
}
