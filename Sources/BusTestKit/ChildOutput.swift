internal import Glibc
internal import Synchronization

/// The lines a child has written, and those who wait for one.
final class ChildOutput: Sendable {
    private struct State {
        var lines: [String] = []
        /// What has come since the last end of a line: as bytes, because a read may end within a character.
        var partial: [UInt8] = []
        var isEnded = false
        var waiters: [Waiter] = []
    }

    /// Someone who waits: for the line at `index` of those that satisfy `matches`, or for the end.
    private struct Waiter {
        var index: Int
        let matches: (@Sendable (String) -> Bool)?
        let continuation: CheckedContinuation<String?, Never>
    }

    private let state = Mutex(State())

    var text: String {
        state.withLock { ($0.lines + [String(decoding: $0.partial, as: UTF8.self)]).joined(separator: "\n") }
    }

    /// Reads until nobody holds the other end any more, and closes the descriptor.
    func read(from descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            add(buffer.prefix(count))
        }
        close(descriptor)
        let waiters = state.withLock { state in
            state.isEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }

    /// The line at that place among those that match; nil when the output ends without it.
    func line(_ index: Int, where matches: @escaping @Sendable (String) -> Bool) async -> String? {
        await withCheckedContinuation { continuation in
            let known: String?? = state.withLock { state in
                let matching = state.lines.lazy.filter(matches)
                if let line = matching.dropFirst(index).first { return .some(line) }
                if state.isEnded { return .some(nil) }
                state.waiters.append(
                    Waiter(index: index - matching.count, matches: matches, continuation: continuation))
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// Waits until nobody can write any more.
    func end() async {
        _ = await withCheckedContinuation { continuation in
            let isEnded = state.withLock { state in
                if !state.isEnded {
                    state.waiters.append(Waiter(index: 0, matches: nil, continuation: continuation))
                }
                return state.isEnded
            }
            if isEnded { continuation.resume(returning: nil) }
        }
    }

    private func add(_ bytes: ArraySlice<UInt8>) {
        let found = state.withLock { state in
            let parts = (state.partial + bytes).split(
                separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            state.partial = parts.last.map(Array.init) ?? []
            let new = parts.dropLast().map { line in
                String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
            }
            state.lines += new
            var found: [(CheckedContinuation<String?, Never>, String)] = []
            var waiting: [Waiter] = []
            for var waiter in state.waiters {
                let matching = waiter.matches.map { new.filter($0) } ?? []
                if waiter.index < matching.count {
                    found.append((waiter.continuation, matching[waiter.index]))
                } else {
                    waiter.index -= matching.count
                    waiting.append(waiter)
                }
            }
            state.waiters = waiting
            return found
        }
        for (continuation, line) in found { continuation.resume(returning: line) }
    }
}
