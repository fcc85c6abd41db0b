/// Why a command ended without doing what it was asked.
struct CommandFailure: Error, Sendable, Hashable, CustomStringConvertible {
    var exit: ExitCode
    /// A stable word for scripts, such as `unknown_flag`.
    var code: String
    /// One sentence; may have several lines when there are several causes.
    var message: String
    /// What to try next.
    var hint: String?

    init(_ exit: ExitCode, _ code: String, _ message: String, hint: String? = nil) {
        self.exit = exit
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// The command line is wrong.
    static func usage(_ code: String, _ message: String, hint: String? = nil) -> CommandFailure {
        CommandFailure(.usage, code, message, hint: hint)
    }

    var description: String { hint.map { "\(message)\n\($0)" } ?? message }
}
