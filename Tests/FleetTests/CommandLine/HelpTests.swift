import BusTestKit
import Testing

@testable import flotilla

@Suite struct HelpTests {
    /// Every command, with the words that name it.
    static let everyCommand: [[String]] = paths(of: CommandTree.root, [])

    private static func paths(of command: Command, _ path: [String]) -> [[String]] {
        [path] + command.subcommands.flatMap { paths(of: $0, path + [$0.name]) }
    }

    private static func command(at path: [String]) -> Command {
        path.reduce(CommandTree.root) { command, name in
            command.subcommands.first { $0.name == name } ?? command
        }
    }

    @Test(arguments: everyCommand)
    func showsEverythingOfTheCommand(path: [String]) async {
        let captured = CapturedConsole()
        let words = path + ["--help"]
        let program = Program(console: captured.console, environment: [:], time: ManualTime())
        #expect(await program.run(words) == .success)
        let text = captured.text
        let command = Self.command(at: path)
        #expect(text.contains("Usage: \((["flotilla"] + path).joined(separator: " "))"))
        #expect(text.contains(command.summary))
        for option in command.allOptions {
            #expect(text.contains("--\(option.name)"), "\(path) \(option.name)")
            if let variable = option.variable { #expect(text.contains(variable)) }
        }
        for subcommand in command.subcommands { #expect(text.contains("  \(subcommand.name)")) }
        for positional in command.positionals { #expect(text.contains(positional.name)) }
        #expect(text.contains("Exit status:") && text.contains("Examples:"))
        #expect(!text.contains("\u{1B}"), "colour without a terminal")
    }

    @Test(arguments: everyCommand)
    func fitsTheWidth(path: [String]) {
        let text = HelpText(style: TextStyle(isEnabled: false), width: 80).render(
            ["flotilla"] + path, Self.command(at: path))
        // Lines to copy are not broken.
        let examples = Set(Self.command(at: path).examples.map { "  " + $0.line })
        for line in text.split(separator: "\n").map(String.init)
        where !examples.contains(line) && !line.hasPrefix("Usage:") && !line.hasPrefix("flotilla") {
            #expect(line.count <= 80, "\(line)")
        }
    }

    @Test func helpOfANamedCommand() async {
        let (one, other) = (CapturedConsole(), CapturedConsole())
        #expect(await one.run("help", "queues", "dead") == .success)
        #expect(await other.run("queues", "dead", "--help") == .success)
        #expect(one.text == other.text)
        #expect(await CapturedConsole().run("help", "nonsense") == .usage)
    }

    @Test func nothingShowsTheHelp() async {
        let captured = CapturedConsole()
        #expect(await captured.run() == .success)
        #expect(captured.text.contains("Commands:"))
    }

    @Test func versionIsOneLine() async {
        let captured = CapturedConsole()
        #expect(await captured.run("--version") == .success)
        #expect(captured.text == "flotilla \(Program.version)\n")
    }

    @Test func everyOptionNameIsUniqueInItsCommand() {
        for path in Self.everyCommand {
            let names = Self.command(at: path).allOptions.flatMap { [$0.name] + $0.aliases }
            #expect(Set(names).count == names.count, "\(path)")
        }
    }
}
