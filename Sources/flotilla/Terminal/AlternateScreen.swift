/// The terminal's second screen: what was on the first one is back when this is released.
final class AlternateScreen: Sendable {
    private let console: Console

    /// Switches to the second screen and hides the cursor (xterm's private modes 1049 and 25).
    init(_ console: Console) throws {
        self.console = console
        try console.write("\u{1B}[?1049h\u{1B}[?25l")
    }

    deinit {
        // A terminal that is gone needs no restoring.
        try? console.write("\u{1B}[?25h\u{1B}[?1049l")
    }

    /// Replaces the screen's content; what does not fit in its height is left out, and lines are cut by the terminal.
    func show(_ lines: [String]) throws {
        let fitting = lines.prefix(max(1, TerminalSize.current().rows - 1))
        // Home; each line is cleared to its end and the rest of the screen below, so that nothing flickers. Automatic
        // margins are off (mode 7) while lines are written, so that a long one is cut.
        try console.write(
            "\u{1B}[H\u{1B}[?7l" + fitting.map { $0 + "\u{1B}[K\r\n" }.joined() + "\u{1B}[J\u{1B}[?7h")
    }
}
