/// One command of the command line: what it takes, what its help says, and what it does.
struct Command: Sendable {
    /// An environment variable that is not the twin of a flag.
    struct Variable: Sendable {
        var name: String
        var summary: String
    }

    /// How an exit code is meant by this command.
    struct Exit: Sendable {
        var code: ExitCode
        var meaning: String

        init(_ code: ExitCode, _ meaning: String? = nil) {
            self.code = code
            self.meaning = meaning ?? code.meaning
        }
    }

    /// A line to copy, and what it does.
    struct Example: Sendable {
        var line: String
        var summary: String

        init(_ line: String, _ summary: String) {
            self.line = line
            self.summary = summary
        }
    }

    var name: String
    /// One line, without a full stop.
    var summary: String
    /// Paragraphs; the help wraps them.
    var discussion: [String] = []
    var positionals: [Positional] = []
    var options: [Option] = []
    var variables: [Variable] = []
    var exits: [Exit] = []
    var examples: [Example] = []
    var subcommands: [Command] = []
    /// Nil for a command that only groups others.
    var run: (@Sendable (Invocation) async throws -> ExitCode)?

    /// `--help`, which every command has.
    static let help = Option(name: "help", short: "h", summary: "Show this help and exit.")

    /// Every option that may be given to this command.
    var allOptions: [Option] { options + [Self.help] }
}
