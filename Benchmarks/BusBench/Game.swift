/// Counts the round trips of a ball after the first, which waited for the consumers, until the time is over.
struct Game {
    private let duration: Duration
    private var measurement: Measurement?
    private var rounds = 0
    private var final: Outcome?

    init(duration: Duration) { self.duration = duration }

    /// Whether it is to be played again.
    mutating func ballIsBack() -> Bool {
        guard let measurement else {
            measurement = Measurement()
            return true
        }
        rounds += 1
        if ContinuousClock.now < measurement.begun + duration { return true }
        final = measurement.outcome(messages: rounds, bytes: rounds * Payloads.bytes)
        return false
    }

    /// - Throws: `Failure` when the game ended before its time.
    var outcome: Outcome {
        get throws {
            guard let final else { throw Failure("the ball was lost after \(rounds) rounds") }
            return final
        }
    }
}
