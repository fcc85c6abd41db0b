/// How the process ends; scripts rely on these numbers.
enum ExitCode: Int32, Sendable, CaseIterable {
    case success = 0
    /// What was asked for did not succeed.
    case failed = 1
    /// Another process holds the state folder, or the configuration is not valid.
    case configuration = 2
    /// The service or the bus cannot be reached.
    case unreachable = 3
    case notFound = 4
    case accessDenied = 5
    /// `EX_USAGE` of sysexits.h.
    case usage = 64
    /// 128 + SIGINT, as shells report it.
    case interrupted = 130

    /// What the number means where a command says nothing more exact.
    var meaning: String {
        switch self {
        case .success: "done"
        case .failed: "what was asked for did not succeed"
        case .configuration: "the configuration is not valid, or another process holds the state folder"
        case .unreachable: "the service or the bus cannot be reached"
        case .notFound: "there is no such thing"
        case .accessDenied: "access denied"
        case .usage: "the command line is not valid"
        case .interrupted: "interrupted with Ctrl-C"
        }
    }
}
