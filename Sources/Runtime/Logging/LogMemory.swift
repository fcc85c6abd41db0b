import Synchronization

/// Keeps the last log lines in memory, for tests.
package final class LogMemory: LogOutput {
    private let state = Mutex<[String]>([])
    private let limit: Int

    /// - Parameter limit: How many lines are kept; the oldest go first.
    package init(limit: Int = 10_000) { self.limit = limit }

    /// The lines without their newlines, oldest first.
    package var lines: [String] { state.withLock { $0 } }

    func write(_ line: [UInt8], notice: (Int) -> [UInt8]) {
        let text = String(decoding: line.dropLast(), as: UTF8.self)
        state.withLock { lines in
            if lines.count == limit { lines.removeFirst() }
            lines.append(text)
        }
    }
}
