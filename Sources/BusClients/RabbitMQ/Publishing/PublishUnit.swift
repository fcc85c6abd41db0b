/// Which messages of a call failed and why, by their place in the call; empty when all are durable.
typealias PublishOutcome = [Int: BusError]

/// The messages of one call, with the one who waits for them.
///
/// `@unchecked Sendable`: what changes is only touched inside the publisher's lock.
final class PublishUnit: @unchecked Sendable {
    /// By the publisher's `uptime`.
    let deadline: Duration
    let count: Int
    /// How many of the messages have been sent at least once.
    var sent = 0
    /// Nobody waits any more.
    private(set) var isOver = false
    /// Empty once the call is over.
    private(set) var messages: [Outgoing]
    /// Which messages are confirmed or have failed.
    private var isResolved: [Bool]
    private var unresolved: Int
    private var failures: PublishOutcome = [:]
    private var continuation: CheckedContinuation<PublishOutcome, Never>?

    /// - Parameter messages: At least one.
    init(_ messages: [Outgoing], deadline: Duration) {
        self.messages = messages
        self.deadline = deadline
        count = messages.count
        unresolved = messages.count
        isResolved = Array(repeating: false, count: messages.count)
    }

    /// What the end of the call is told to; the publisher tells it outside of its lock.
    struct Completion: Sendable {
        let continuation: CheckedContinuation<PublishOutcome, Never>?
        let outcome: PublishOutcome
    }

    /// Takes the one who waits, if any.
    /// - Returns: The end of the call, if it was cancelled before.
    func wait(_ continuation: CheckedContinuation<PublishOutcome, Never>?) -> Completion? {
        if isOver { return Completion(continuation: continuation, outcome: failures) }
        self.continuation = continuation
        return nil
    }

    /// A message is durable (nil) or has failed.
    /// - Returns: The end of the call, if this was its last open message.
    func resolve(_ index: Int, _ failure: BusError?) -> Completion? {
        guard !isOver, !isResolved[index] else { return nil }
        isResolved[index] = true
        unresolved -= 1
        if let failure { failures[index] = failure }
        return unresolved == 0 ? finish() : nil
    }

    /// Ends the call now: what is open has failed.
    func end(with error: BusError) -> Completion? {
        guard !isOver else { return nil }
        for index in isResolved.indices where !isResolved[index] { failures[index] = error }
        return finish()
    }

    private func finish() -> Completion {
        isOver = true
        messages = []
        defer { continuation = nil }
        return Completion(continuation: continuation, outcome: failures)
    }
}
