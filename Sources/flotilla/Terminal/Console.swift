import Glibc

/// Where a command writes: results to standard output, everything else to standard error.
///
/// A write blocks until the reader took it: a client command has nothing better to do than to wait for its reader.
struct Console: Sendable {
    /// The reader of standard output has gone; the command ends quietly.
    struct ReaderGone: Error {}

    /// Whether standard output is a terminal.
    let isTerminal: Bool
    let style: TextStyle
    let errorStyle: TextStyle
    /// Columns to wrap text at.
    let width: Int
    private let output: @Sendable ([UInt8]) throws -> Void
    private let errors: @Sendable ([UInt8]) throws -> Void

    /// A console on anything, as tests need it.
    init(
        isTerminal: Bool = false, colours: Bool = false, width: Int = 80,
        output: @escaping @Sendable ([UInt8]) throws -> Void, errors: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.isTerminal = isTerminal
        style = TextStyle(isEnabled: colours)
        errorStyle = style
        self.width = width
        self.output = output
        self.errors = errors
    }

    /// The process's own console. Colours are on where the descriptor is a terminal that has them, unless `NO_COLOR`
    /// (no-color.org) is set to anything but nothing.
    init(environment: [String: String]) {
        let allowed = environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        isTerminal = isatty(STDOUT_FILENO) == 1
        style = TextStyle(isEnabled: allowed && isTerminal)
        errorStyle = TextStyle(isEnabled: allowed && isatty(STDERR_FILENO) == 1)
        width = isTerminal ? min(TerminalSize.current().columns, 100) : 80
        output = { try Self.write($0, to: STDOUT_FILENO) }
        errors = { try Self.write($0, to: STDERR_FILENO) }
    }

    /// Writes text as it is to standard output.
    func write(_ text: String) throws { try output(Array(text.utf8)) }

    /// Writes one line to standard output.
    func line(_ text: String = "") throws { try write(text + "\n") }

    /// Writes bytes and a newline to standard output.
    func line(_ bytes: [UInt8]) throws { try output(bytes + [UInt8(ascii: "\n")]) }

    /// Writes one line to standard error. A missing reader there changes nothing about the command.
    func note(_ text: String) { try? errors(Array((text + "\n").utf8)) }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                rest = rest.dropFirst(written)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wait, 1, -1)
            default: throw ReaderGone()
            }
        }
    }
}
