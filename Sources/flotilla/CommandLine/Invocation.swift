import Runtime

/// What a command is handed when it runs.
struct Invocation: Sendable {
    /// The command and those above it, such as `["flotilla", "queues", "dead"]`.
    var path: [String]
    var command: Command
    var arguments: ParsedArguments
    var console: Console
    var environment: [String: String]
    var time: any TimeSource

    /// The positional with a name that the command declares, nil where it was left out.
    subscript(positional name: String) -> String? {
        guard let index = command.positionals.firstIndex(where: { $0.name == name }) else { return nil }
        return arguments.positionals.indices.contains(index) ? arguments.positionals[index] : nil
    }

    /// A positional that the parser has made sure of.
    func required(_ name: String) throws(CommandFailure) -> String {
        guard let word = self[positional: name] else { throw .usage("missing_argument", "\(name) is missing") }
        return word
    }
}
