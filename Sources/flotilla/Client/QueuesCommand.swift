import BusClients
import Contracts
import Runtime

/// `flotilla queues`: how the work queues stand, and what to do about their dead letters.
enum QueuesCommand {
    private static let queue = Option(
        name: "queue", valueName: "NAME", isRepeatable: true, summary: "Only this queue.",
        defaultText: "every queue; on RabbitMQ those of this host")

    static let command = Command(
        name: "queues", summary: "show the work queues, and list, replay or drop their dead letters",
        discussion: [
            "Reads the bus of the state folder. Ready jobs could be worked on now, delayed ones wait for a retry, jobs "
                + "in flight are with a worker. A dead letter is a job that no worker will be given again. Below the "
                + "queues stands how the processes of this machine do, as 'flotilla queues health' shows it alone."
        ],
        options: [queue] + ClientOptions.overBus, variables: ClientOptions.variablesOverBus,
        exits: ClientOptions.exitsOverBus.filter { $0.code != .notFound },
        examples: [
            .init("flotilla queues", "A table of every queue."),
            .init("flotilla queues --json | jq -s 'map(.dead_letters) | add'", "All dead letters, as a number."),
            .init("flotilla queues dead command.requests", "Why jobs of this queue died."),
        ],
        subcommands: [
            DeadLetterCommands.dead, DeadLetterCommands.replay, DeadLetterCommands.drop, BusHealthCommand.command,
        ],
        run: { invocation in
            let statuses = try await LocalBus.use(invocation) { bus in try await read(bus, invocation) }
            if invocation.arguments.has(ClientOptions.json) {
                for status in statuses { try invocation.console.line(json(status)) }
                return .success
            }
            for line in table(statuses).lines(invocation.console.style) { try invocation.console.line(line) }
            let reports = HealthFile.reports(
                in: try ClientSettings(invocation).stateFolder, now: invocation.time.now)
            if !reports.isEmpty {
                try invocation.console.line()
                for line in BusHealthCommand.table(reports).lines(invocation.console.style) {
                    try invocation.console.line(line)
                }
            }
            return .success
        })

    /// Every queue, or those of the fleet's topology and those named, where the broker does not list them.
    private static func read(_ bus: Bus, _ invocation: Invocation) async throws -> [WorkQueueStatus] {
        let named = invocation.arguments.values(of: queue).map { QueueName($0) }
        var statuses: [WorkQueueStatus] = []
        for name in named { statuses.append(try await bus.queues.status(of: name)) }
        if !named.isEmpty { return statuses }
        if bus.queues.features.namesEveryQueue {
            for name in try await bus.queues.queueNames() { statuses.append(try await bus.queues.status(of: name)) }
            return statuses
        }
        var reader = try SettingsReader(invocation)
        let topology = FleetTopology(host: HostName.read(&reader), commandTopic: "device_commands")
        do { try reader.finish() } catch { throw CommandFailure(error) }
        for name in topology.queues.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            if let status = try await status(of: name, bus) { statuses.append(status) }
        }
        return statuses
    }

    /// Nil for a queue that nobody has declared yet.
    private static func status(of queue: QueueName, _ bus: Bus) async throws(BusError) -> WorkQueueStatus? {
        do {
            return try await bus.queues.status(of: queue)
        } catch  where error.code == .unknownQueue {
            return nil
        }
    }

    /// The queues as people read them.
    static func table(_ statuses: [WorkQueueStatus]) -> TextTable {
        var table = TextTable(columns: [
            .init(title: "QUEUE"), .init(title: "READY", isRightAligned: true),
            .init(title: "DELAYED", isRightAligned: true), .init(title: "IN FLIGHT", isRightAligned: true),
            .init(title: "OLDEST", isRightAligned: true), .init(title: "DEAD", isRightAligned: true),
            .init(title: "CONSUMERS", isRightAligned: true),
        ])
        table.rows = statuses.map { status in
            let waits = status.ready + status.delayed + status.inFlight > 0
            return [
                TextTable.Cell(status.queue.rawValue.shown(atMost: 60)), "\(status.ready)", "\(status.delayed)",
                "\(status.inFlight)",
                TextTable.Cell(status.oldestAge.map { HumanUnits.duration(seconds: $0.seconds) } ?? "–"),
                TextTable.Cell("\(status.deadLetters)", status.deadLetters > 0 ? .bad : .plain),
                // Work without anybody to do it is what one looks at this table for.
                TextTable.Cell("\(status.consumers)", status.consumers == 0 && waits ? .warning : .plain),
            ]
        }
        return table
    }

    private static func json(_ status: WorkQueueStatus) -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.member("queue", status.queue.rawValue)
            $0.member("ready", status.ready)
            $0.member("delayed", status.delayed)
            $0.member("in_flight", status.inFlight)
            $0.member("oldest_age_seconds", status.oldestAge?.seconds)
            $0.member("dead_letters", status.deadLetters)
            $0.member("consumers", status.consumers)
        }
        return writer.bytes
    }
}
