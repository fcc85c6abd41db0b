/// Turns the words of a command line into the command that they name and its arguments.
///
/// Pure: reads nothing but the words. Flags and positionals may be mixed; `--` ends the flags; `--flag=value` and
/// `--flag value` mean the same.
struct ArgumentParser {
    /// What the words ask for.
    enum Request: Sendable {
        case run(path: [String], Command, ParsedArguments)
        case help(path: [String], Command)
    }

    let root: Command

    /// - Throws: `CommandFailure` with `ExitCode.usage`, and the nearest known word where there is one.
    func parse(_ words: [String]) throws(CommandFailure) -> Request {
        var state = State(path: [root.name], command: root)
        var remaining = words[...]
        while let word = remaining.popFirst() {
            if state.flagsEnded || word == "-" || !word.hasPrefix("-") {
                try state.take(word)
            } else if word == "--" {
                state.flagsEnded = true
            } else {
                try state.takeFlag(word, &remaining)
            }
        }
        return try state.finish()
    }
}

extension ArgumentParser {
    /// What is known after some of the words.
    private struct State {
        var path: [String]
        var command: Command
        var arguments = ParsedArguments()
        var flagsEnded = false
        var wantsHelp = false

        var name: String { path.joined(separator: " ") }

        mutating func take(_ word: String) throws(CommandFailure) {
            if arguments.positionals.isEmpty, let next = command.subcommands.first(where: { $0.name == word }) {
                path.append(word)
                command = next
                return
            }
            let takesMore = command.positionals.last?.count == .any
            guard takesMore || arguments.positionals.count < command.positionals.count else {
                if wantsHelp { return }
                throw unexpected(word)
            }
            arguments.positionals.append(word)
        }

        private func unexpected(_ word: String) -> CommandFailure {
            let names = command.subcommands.map(\.name)
            if names.isEmpty {
                return .usage("unexpected_argument", "'\(name)' takes no argument '\(word)' here", hint: helpHint)
            }
            let nearest = Suggestion.nearest(to: word, among: names)
            return .usage(
                "unknown_command", "'\(name)' has no command '\(word)'",
                hint: nearest.map { "Did you mean '\(name) \($0)'?" } ?? helpHint)
        }

        mutating func takeFlag(_ word: String, _ remaining: inout ArraySlice<String>) throws(CommandFailure) {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let written = String(parts[0])
            guard let option = option(written) else { throw unknownFlag(written) }
            var value = ""
            if option.takesValue {
                if parts.count == 2 {
                    value = String(parts[1])
                } else if let next = remaining.first, !isFlag(next) {
                    value = next
                    remaining.removeFirst()
                } else {
                    throw .usage(
                        "missing_value", "\(written) needs a value: \(option.label)",
                        hint: remaining.isEmpty ? nil : "A value that looks like a flag is given as \(written)=VALUE.")
                }
            } else if parts.count == 2 {
                throw .usage("unexpected_value", "\(written) takes no value")
            }
            if option == Command.help { wantsHelp = true }
            if option.isRepeatable {
                arguments.values[option.name, default: []].append(value)
            } else {
                arguments.values[option.name] = [value]
            }
        }

        /// Whether a word after a flag is another flag of this command rather than a value, such as `-5`.
        private func isFlag(_ word: String) -> Bool {
            word == "--" || option(String(word.prefix { $0 != "=" })) != nil
        }

        private func option(_ written: String) -> Option? {
            command.allOptions.first { option in
                written == "--\(option.name)" || option.aliases.contains { written == "--\($0)" }
                    || option.short.map { written == "-\($0)" } ?? false
            }
        }

        private func unknownFlag(_ written: String) -> CommandFailure {
            let bare = String(written.drop { $0 == "-" })
            let names = command.allOptions.flatMap { [$0.name] + $0.aliases }
            let nearest = Suggestion.nearest(to: bare, among: names)
            return .usage(
                "unknown_flag", "'\(name)' has no flag \(written)",
                hint: nearest.map { "Did you mean --\($0)?" } ?? helpHint)
        }

        func finish() throws(CommandFailure) -> Request {
            if wantsHelp { return .help(path: path, command) }
            if command.run == nil {
                if arguments.values.isEmpty && path.count == 1 { return .help(path: path, command) }
                throw .usage("missing_command", "'\(name)' needs a command", hint: helpHint)
            }
            // A flag that stood before the name of a command must be one that the command knows as well.
            for given in arguments.values.keys.sorted() where !command.allOptions.contains(where: { $0.name == given })
            {
                throw .usage("unknown_flag", "'\(name)' has no flag --\(given)", hint: helpHint)
            }
            let missing = command.positionals.enumerated()
                .filter { $0.element.count == .one && $0.offset >= arguments.positionals.count }
            guard missing.isEmpty else {
                let names = missing.map(\.element.name).joined(separator: " and ")
                throw .usage(
                    "missing_argument", "'\(name)' needs \(names)", hint: "Usage: \(HelpText.usage(path, command))")
            }
            return .run(path: path, command, arguments)
        }

        private var helpHint: String { "See '\(name) --help'." }
    }
}
