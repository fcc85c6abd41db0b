import Runtime
import Testing

@testable import BusClients

@Suite struct DeadLetterCodingTests {
    private let now = Timestamp(microseconds: 1_790_000_000_000_000)

    private func letter(_ change: (inout ReceivedMessage) -> Void) -> DeadLetter {
        var message = ReceivedMessage()
        message.id = "m"
        message.own.sentAt = 1000
        change(&message)
        return DeadLetter(message, maximumAttempts: 5, now: now)
    }

    @Test func takesTheWorkersWords() {
        let dead = letter {
            $0.own.reason = "malformed"
            $0.own.attempts = 2
            $0.own.diedAt = 2000
            // Notes of an earlier delay do not count.
            $0.broker.deathReason = "expired"
        }
        #expect(dead.reason == "malformed")
        #expect(dead.attempts == 2)
        #expect(dead.diedAt.microseconds == 2000)
        #expect(dead.enqueuedAt.microseconds == 1000)
    }

    @Test(arguments: [
        ("expired", "expired", 3), ("delivery_limit", "attempts exhausted", 8), ("maxlen", "maxlen", 3),
        ("rejected", "rejected", 3),
    ])
    func translatesTheBrokersWords(_ word: String, _ reason: String, _ attempts: Int) {
        let dead = letter {
            $0.own.attempts = 3
            $0.broker.deathReason = word
            $0.broker.diedAt = 7
        }
        #expect(dead.reason == reason)
        #expect(dead.attempts == attempts)
        #expect(dead.diedAt.microseconds == 7_000_000)
    }

    @Test func idsAreStableAndTellLettersApart() {
        let one = letter { $0.own.diedAt = 2000 }
        #expect(one.id == letter { $0.own.diedAt = 2000 }.id)
        #expect(one.id != letter { $0.own.diedAt = 2001 }.id)
        #expect(one.id != letter { ($0.own.diedAt, $0.id) = (2000, "n") }.id)
        #expect(one.id != letter { ($0.own.diedAt, $0.own.sentAt) = (2000, 1001) }.id)
        // The same in every process and every version: letters are named in other programs' commands.
        #expect(one.id.rawValue == 5_578_715_975_337_330_622)
    }
}
