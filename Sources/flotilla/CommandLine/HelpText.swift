/// Writes the help of a command.
struct HelpText {
    var style: TextStyle
    /// Columns to wrap at.
    var width: Int

    /// The widest first column; a longer label stands on a line of its own.
    private static let labelColumns = 30

    /// The usage line.
    static func usage(_ path: [String], _ command: Command) -> String {
        var words = path
        if !command.subcommands.isEmpty { words.append(command.run == nil ? "COMMAND" : "[COMMAND]") }
        words += command.positionals.map(\.label)
        words.append("[options]")
        return words.joined(separator: " ")
    }

    /// The whole help, ending in a newline.
    func render(_ path: [String], _ command: Command) -> String {
        var lines = [style.bold(path.joined(separator: " ")) + " – " + command.summary, ""]
        lines.append(style.bold("Usage:") + " " + Self.usage(path, command))
        for paragraph in command.discussion { lines += [""] + wrap(paragraph, indent: 0) }
        lines += section("Commands", command.subcommands.map { ($0.name, $0.summary) })
        lines += section("Arguments", command.positionals.map { ($0.name, $0.summary) })
        lines += section("Options", command.allOptions.map { ($0.label, Self.explain($0)) })
        lines += section("Environment", Self.variables(of: command))
        lines += section("Exit status", command.exits.map { ("\($0.code.rawValue)", $0.meaning) })
        lines += examples(command.examples)
        if !command.subcommands.isEmpty {
            lines += ["", "'\(path.joined(separator: " ")) COMMAND --help' tells more about a command."]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func explain(_ option: Option) -> String {
        var text = option.summary
        if option.isRepeatable { text += " May be repeated." }
        if let defaultText = option.defaultText { text += " Default: \(defaultText)." }
        if !option.aliases.isEmpty { text += " Also: \(option.aliases.map { "--\($0)" }.joined(separator: ", "))." }
        return text
    }

    private static func variables(of command: Command) -> [(String, String)] {
        let twins = command.options.compactMap { option in option.variable.map { ($0, "Same as --\(option.name).") } }
        return twins + command.variables.map { ($0.name, $0.summary) }
    }

    private func section(_ title: String, _ rows: [(label: String, text: String)]) -> [String] {
        guard !rows.isEmpty else { return [] }
        let columns = min(rows.map(\.label.count).max() ?? 0, Self.labelColumns)
        var lines = ["", style.bold("\(title):")]
        for row in rows {
            let text = wrap(row.text, indent: columns + 4)
            let label = "  " + row.label
            if row.label.count > columns {
                lines.append(label)
                lines += text
            } else {
                let first = text.first?.dropFirst(columns + 4) ?? ""
                lines.append(label.padded(to: columns + 4) + first)
                lines += text.dropFirst()
            }
        }
        return lines
    }

    private func examples(_ examples: [Command.Example]) -> [String] {
        guard !examples.isEmpty else { return [] }
        return ["", style.bold("Examples:")]
            + examples.flatMap { ["  " + $0.line] + wrap($0.summary, indent: 6).map { style.dim($0) } }
    }

    /// Breaks a text at spaces; a word longer than a line stands alone.
    private func wrap(_ text: String, indent: Int) -> [String] {
        let room = max(width - indent, 20)
        var lines: [String] = []
        var line = ""
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            if line.isEmpty {
                line = String(word)
            } else if line.count + 1 + word.count <= room {
                line += " " + word
            } else {
                lines.append(line)
                line = String(word)
            }
        }
        if !line.isEmpty { lines.append(line) }
        return lines.map { String(repeating: " ", count: indent) + $0 }
    }
}
