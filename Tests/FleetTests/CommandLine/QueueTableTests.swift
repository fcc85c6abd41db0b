import BusClients
import Testing

@testable import flotilla

@Suite struct QueueTableTests {
    @Test func showsEveryFigure() {
        let status = WorkQueueStatus(
            queue: "command.requests", ready: 3, delayed: 1, inFlight: 2, deadLetters: 4, consumers: 0,
            oldestAge: .seconds(125))
        #expect(
            QueuesCommand.table([status]).lines(TextStyle(isEnabled: false)) == [
                "QUEUE             READY  DELAYED  IN FLIGHT  OLDEST  DEAD  CONSUMERS",
                "command.requests      3        1          2   2m 5s     4          0",
            ])
    }
}
