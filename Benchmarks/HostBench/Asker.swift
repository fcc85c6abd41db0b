import BusClients
import Contracts
import Runtime

/// Asks a metrics worker that runs on the embedded bus of a folder for the processes of its host, once a second, as an
/// ingress does.
enum Asker {
    static func ask(folder: String, host: String, seconds: Int) async throws -> String {
        let time = SystemTime()
        let bus = try await EmbeddedBus.open(
            EmbeddedBusConfiguration(folder: folder), time: time, logger: .silent, metrics: nil)
        let ingress = "bench-\(time.now.microseconds)"
        let exchange = ExchangeName(StreamNames.fleetAnswers)
        try await bus.events.declare(
            exchange,
            EventExchangeOptions(maximumAge: InspectionStreams.answerAge, maximumBytes: InspectionStreams.answerBytes))
        let events = try await bus.events.subscribe(
            to: exchange, matching: [TopicPattern(StreamNames.answer(ingress: ingress, correlation: "*"))],
            from: .offset(try await bus.events.history(of: exchange).upperBound))
        var answers = events.makeAsyncIterator()
        var processes = 0
        let start = time.uptime
        for turn in 0..<seconds {
            try await time.sleep(until: start + .seconds(turn))
            try await enqueue(question(turn, from: ingress, time), on: bus, host: host)
            guard let answer = try await answers.next()?.first else { throw Failure("the bus closed") }
            guard case .processes(let list) = try HostAnswer(json: answer.message.body).outcome else {
                throw Failure("the worker does not list processes")
            }
            processes += list.count
        }
        await bus.close()
        return #"{"answers": \#(seconds), "rows": \#(processes)}"#
    }

    private static func question(_ turn: Int, from ingress: String, _ time: SystemTime) -> HostQuestion {
        let now = time.now
        return HostQuestion(
            id: "q-\(turn)", ingress: ingress, subject: HostQuestion.processes, parameters: ProcessQuery().json,
            askedAt: now, expiresAt: now.advanced(by: InspectionStreams.patience))
    }

    private static func enqueue(_ question: HostQuestion, on bus: Bus, host: String) async throws {
        let job = Job(
            Message(id: MessageID("\(question.ingress)-\(question.id)"), headers: Headers(), body: question.json))
        try await bus.queues.enqueue([job], to: QueueName(StreamNames.inspect(host)))
    }
}
