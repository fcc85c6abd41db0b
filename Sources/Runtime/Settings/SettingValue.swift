/// A setting as it was given.
package struct SettingValue: Sendable, Hashable {
    /// Where a value came from.
    package enum Source: Sendable, Hashable, CustomStringConvertible {
        case flag, environment
        case file(String, line: Int)

        package var description: String {
            switch self {
            case .flag: "the command line"
            case .environment: "the environment"
            case .file(let path, let line): "\(path) line \(line)"
            }
        }
    }

    package let text: String
    package let source: Source
}

/// How a setting is written in the environment and on the command line.
enum SettingName {
    /// The flag of a variable: `--api-port` for `API_PORT`.
    static func flag(_ variable: String) -> String {
        "--" + variable.lowercased().map { $0 == "_" ? "-" : String($0) }.joined()
    }

    /// The variable of a flag: `API_PORT` for `--api-port`, `api-port` and `API_PORT`.
    static func variable(_ flag: String) -> String {
        flag.drop { $0 == "-" }.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }
}
