import Runtime
import Synchronization

@testable import flotilla

/// What a command wrote, without a terminal.
final class CapturedConsole: Sendable {
    private let output = Mutex<[UInt8]>([])
    private let errors = Mutex<[UInt8]>([])

    var text: String { String(decoding: output.withLock { $0 }, as: UTF8.self) }
    var errorText: String { String(decoding: errors.withLock { $0 }, as: UTF8.self) }
    var lines: [String] { text.split(separator: "\n").map(String.init) }

    var console: Console {
        Console(
            output: { bytes in self.output.withLock { $0 += bytes } },
            errors: { bytes in self.errors.withLock { $0 += bytes } })
    }

    /// Runs a command line as the process would.
    func run(_ words: String..., environment: [String: String] = [:]) async -> ExitCode {
        await Program(console: console, environment: environment, time: SystemTime()).run(words)
    }
}
