import Testing

@testable import flotilla

@Suite struct ArgumentParserTests {
    private static let verbose = Option(name: "verbose", short: "v", summary: "Say more.")
    private static let count = Option(name: "count", aliases: ["number"], valueName: "N", summary: "How many.")
    private static let label = Option(name: "label", valueName: "TEXT", isRepeatable: true, summary: "A label.")

    private let root = Command(
        name: "tool", summary: "a tool",
        subcommands: [
            Command(
                name: "make", summary: "makes",
                positionals: [
                    Positional(name: "NAME", summary: "A name."),
                    Positional(name: "MORE", summary: "More.", count: .any),
                ],
                options: [verbose, count, label], run: { _ in .success }),
            Command(
                name: "list", summary: "lists", options: [verbose],
                subcommands: [
                    Command(name: "old", summary: "lists old ones", options: [verbose, count], run: { _ in .success })
                ],
                run: { _ in .success }),
        ])

    private func arguments(_ words: String...) throws -> ParsedArguments {
        guard case .run(_, _, let arguments) = try ArgumentParser(root: root).parse(words) else {
            throw CommandFailure(.failed, "help", "help was asked for")
        }
        return arguments
    }

    private func failure(_ words: String...) -> CommandFailure? {
        do {
            _ = try ArgumentParser(root: root).parse(words)
            return nil
        } catch {
            return error
        }
    }

    @Test func flagsAndPositionalsMix() throws {
        let parsed = try arguments("make", "--count", "3", "a", "--verbose", "b", "--label=x=y", "--label", "z")
        #expect(parsed.positionals == ["a", "b"])
        #expect(parsed.value(of: Self.count) == "3")
        #expect(parsed.has(Self.verbose))
        #expect(parsed.values(of: Self.label) == ["x=y", "z"])
    }

    @Test func theLastOfASingleFlagCounts() throws {
        #expect(try arguments("make", "a", "--count", "1", "--number=2").value(of: Self.count) == "2")
    }

    @Test func shortFlagsAndADashAsAWord() throws {
        let parsed = try arguments("make", "-v", "-")
        #expect(parsed.has(Self.verbose) && parsed.positionals == ["-"])
    }

    @Test func twoDashesEndTheFlags() throws {
        #expect(try arguments("make", "--", "--verbose").positionals == ["--verbose"])
    }

    @Test func aValueMayStartWithADashUnlessItIsAFlag() throws {
        #expect(try arguments("make", "a", "--count", "-5").value(of: Self.count) == "-5")
        #expect(failure("make", "a", "--count", "--verbose")?.code == "missing_value")
        #expect(failure("make", "a", "--count")?.code == "missing_value")
        #expect(try arguments("make", "a", "--label=--verbose").values(of: Self.label) == ["--verbose"])
    }

    @Test func anUnknownFlagNamesTheNearestAndExits64() throws {
        let failure = try #require(self.failure("make", "a", "--cuont", "3"))
        #expect(failure.exit == .usage)
        #expect(failure.exit.rawValue == 64)
        #expect(failure.message.contains("--cuont"))
        #expect(failure.hint == "Did you mean --count?")
        #expect(self.failure("make", "a", "--zzzzzzz")?.hint == "See 'tool make --help'.")
    }

    @Test func aFlagWithoutAValueTakesNone() {
        #expect(failure("make", "a", "--verbose=yes")?.code == "unexpected_value")
    }

    @Test func anUnknownCommandNamesTheNearest() {
        #expect(failure("mkae")?.hint == "Did you mean 'tool make'?")
        #expect(failure("list", "odl")?.hint == "Did you mean 'tool list old'?")
    }

    @Test func missingAndSurplusArgumentsAreNamed() {
        #expect(failure("make")?.message == "'tool make' needs NAME")
        #expect(failure("list", "old", "x")?.code == "unexpected_argument")
    }

    @Test func aCommandWithCommandsRunsByItself() throws {
        guard case .run(let path, let command, _) = try ArgumentParser(root: root).parse(["list", "-v"]) else {
            Issue.record("not a run")
            return
        }
        #expect(path == ["tool", "list"] && command.name == "list")
    }

    @Test func flagsBeforeANestedCommandMustBelongToIt() throws {
        #expect(try arguments("list", "--verbose", "old").has(Self.verbose))
        #expect(failure("list", "--count", "1", "old")?.code == "unknown_flag")
    }

    @Test func helpWinsOverWhatIsMissing() throws {
        guard case .help(let path, _) = try ArgumentParser(root: root).parse(["make", "--help"]) else {
            Issue.record("not help")
            return
        }
        #expect(path == ["tool", "make"])
    }

    @Test func typedValuesNameTheFlagAndTheRange() throws {
        let parsed = try arguments("make", "a", "--count", "70")
        #expect(throws: CommandFailure.usage("invalid_value", "--count must be a whole number from 0 to 60, not '70'"))
        {
            try parsed.integer(of: Self.count, in: 0...60)
        }
        #expect(try parsed.integer(of: Self.count, in: 0...70) == 70)
    }
}
