/// How much a log line matters.
package enum LogLevel: String, Comparable, CaseIterable, Sendable {
    case debug, info, notice, warning, error

    /// Reads a name in any case; also `warn`, `trace` (as debug), `critical` and `fatal` (as error).
    package init?(name: some StringProtocol) {
        switch name.lowercased() {
        case "warn": self = .warning
        case "trace": self = .debug
        case "critical", "fatal": self = .error
        case let name:
            guard let level = LogLevel(rawValue: name) else { return nil }
            self = level
        }
    }

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.order < right.order }

    private var order: UInt8 {
        switch self {
        case .debug: 0
        case .info: 1
        case .notice: 2
        case .warning: 3
        case .error: 4
        }
    }
}
