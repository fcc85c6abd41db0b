internal import Runtime
internal import Synchronization

/// Gives the letters that a channel brings to a search.
final class LetterFeed: ChannelSink {
    private struct State {
        var search: LetterSearch
        var seen = 0
        var isOver = false
    }

    private let state: Mutex<State>
    private let changed = Signal()
    private let expected: Int
    private let maximumAttempts: Int?
    private let time: any TimeSource

    /// - Parameter expected: Letters after which no more will come.
    init(_ search: LetterSearch, expected: Int, maximumAttempts: Int?, time: any TimeSource) {
        state = Mutex(State(search: search))
        self.expected = expected
        self.maximumAttempts = maximumAttempts
        self.time = time
    }

    func delivered(_ message: ReceivedMessage) {
        let letter = DeadLetter(message, maximumAttempts: maximumAttempts, now: time.now)
        state.withLock { state in
            guard !state.isOver else { return }
            state.seen += 1
            state.isOver = state.search.look(at: letter, tag: message.tag) || state.seen == expected
        }
    }

    func turnEnded() { changed.raise() }

    func closed(_ error: BusError) {
        state.withLock { $0.isOver = true }
        changed.raise()
    }

    /// What was found, when the search is over or nothing has come for so long.
    func result(patience: Duration) async -> [LetterSearch.Found] {
        while true {
            let generation = changed.generation
            let (isOver, seen) = state.withLock { ($0.isOver, $0.seen) }
            if isOver { break }
            await changed.wait(past: generation, until: time.uptime + patience, time: time)
            if Task.isCancelled || state.withLock({ $0.seen == seen && !$0.isOver }) { break }
        }
        return state.withLock { $0.search.found }
    }
}
