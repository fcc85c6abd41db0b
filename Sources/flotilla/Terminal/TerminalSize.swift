import Glibc

/// The size of the terminal on standard output.
struct TerminalSize: Sendable, Hashable {
    var columns: Int
    var rows: Int

    /// Asks the terminal; 80 × 24 where there is none or it does not know.
    static func current() -> TerminalSize {
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 && size.ws_row > 0
        return isKnown
            ? TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row)) : TerminalSize(columns: 80, rows: 24)
    }
}
