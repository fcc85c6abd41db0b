import Contracts
import Runtime

/// One run of the command line: from the words to the exit code.
struct Program: Sendable {
    let console: Console
    let environment: [String: String]
    let time: any TimeSource

    /// The version that `--version`, the ingress and the API's documents show.
    static let version = "1.0.0"

    /// Does what the words ask for and says on standard error why it could not.
    func run(_ words: [String]) async -> ExitCode {
        do {
            return try await perform(words)
        } catch is Console.ReaderGone {
            // As `| head` does: whoever read has seen enough.
            return .success
        } catch let failure as CommandFailure {
            report(failure, asJSON: words.contains("--json"))
            return failure.exit
        } catch {
            report(CommandFailure(.failed, "failed", "\(error)"), asJSON: words.contains("--json"))
            return .failed
        }
    }

    private func perform(_ words: [String]) async throws -> ExitCode {
        if words == ["--version"] {
            try console.line("flotilla \(Self.version)")
            return .success
        }
        // `help X` is `X --help`.
        let isAskingForHelp = words.first == "help" && !words.contains("--help")
        let asked = isAskingForHelp ? words.dropFirst() + ["--help"] : words[...]
        switch try ArgumentParser(root: CommandTree.root).parse(Array(asked)) {
        case .help(let path, let command):
            try console.write(HelpText(style: console.style, width: console.width).render(path, command))
            return .success
        case .run(let path, let command, let arguments):
            guard let run = command.run else { return .usage }
            return try await run(
                Invocation(
                    path: path, command: command, arguments: arguments, console: console, environment: environment,
                    time: time))
        }
    }

    private func report(_ failure: CommandFailure, asJSON: Bool) {
        guard asJSON else {
            console.note(console.errorStyle.red("flotilla:") + " \(failure.message)")
            if let hint = failure.hint { console.note(hint) }
            return
        }
        var writer = JSONWriter()
        writer.object {
            $0.member("error", failure.code)
            $0.member("message", failure.message)
            $0.member("hint", failure.hint)
            $0.member("exit_code", failure.exit.rawValue)
        }
        console.note(String(decoding: writer.bytes, as: UTF8.self))
    }
}
