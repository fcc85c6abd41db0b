import BusClients
import Contracts
import MetricsWorker
import Runtime

/// `flotilla simulate`: drives a fleet of made-up hosts.
enum SimulateCommand {
    private static let hosts = Option(
        name: "hosts", valueName: "N", summary: "How many hosts, 1 to 100000.", defaultText: "100")
    private static let interval = Option(
        name: "interval", valueName: "SECONDS", summary: "Time between two samples of a host, 0.1 to 3600.",
        defaultText: "1")
    private static let duration = Option(
        name: "duration", valueName: "SECONDS", summary: "How long to go on.", defaultText: "until Ctrl-C")
    private static let prefix = Option(
        name: "prefix", valueName: "NAME", summary: "The hosts are called NAME-1, NAME-2, and so on.",
        defaultText: "simulated")
    private static let seed = Option(
        name: "seed", valueName: "N", summary: "The same number makes the same hosts.", defaultText: "1")

    static let command = Command(
        name: "simulate", summary: "drive a fleet of made-up hosts, to see what this one can take",
        discussion: [
            "The hosts report over the bus as real ones do, and raise alerts. A running ingress shows them beside the "
                + "real ones, as down when this ends, and forgets them after a week: for a trial, give 'flotilla up' "
                + "and this a state folder of their own with --state.",
            "Every five seconds a line says how many samples the bus took and how long an append took until it was "
                + "durable. 'missed' counts samples whose time had passed: the bus was too slow for so many hosts.",
        ],
        options: [hosts, interval, duration, prefix, seed] + ClientOptions.overBus,
        variables: ClientOptions.variablesOverBus, exits: ClientOptions.exitsOverBus,
        examples: [
            .init("flotilla simulate --hosts 1000 --duration 300", "A thousand hosts for five minutes."),
            .init("flotilla simulate --hosts 50 --interval 10 --prefix edge", "Fifty that report seldom."),
        ],
        run: { invocation in
            let arguments = invocation.arguments
            let name = arguments.value(of: prefix) ?? "simulated"
            guard HostName.isValid(name) else {
                throw CommandFailure.usage("invalid_value", "--prefix must be a name that a host can have")
            }
            let configuration = FleetSimulation.Configuration(
                hosts: try arguments.integer(of: hosts, in: 1...100_000) ?? 100,
                interval: .seconds(try arguments.seconds(of: interval, in: 0.1...3600) ?? 1), prefix: name,
                seed: UInt64(try arguments.integer(of: seed, in: 0 ... .max) ?? 1))
            let length = try arguments.seconds(of: duration, in: 1...1e7).map { Duration.seconds($0) }
            return try await LocalBus.use(invocation) { bus in
                let simulation = FleetSimulation(configuration, bus: bus, time: invocation.time)
                let deadline = length.map { invocation.time.uptime + $0 }
                _ = try await Interruption.endsEarly(time: invocation.time) {
                    try await simulation.run(until: deadline) { try show($0, invocation) }
                }
                return .success
            }
        })

    private static func show(_ report: FleetSimulation.Report, _ invocation: Invocation) throws {
        let seconds = max(report.elapsed.seconds, 0.001)
        let appends = report.appends.sorted()
        let median = appends.isEmpty ? nil : appends[appends.count / 2].seconds * 1000
        let tail = appends.isEmpty ? nil : appends[min(appends.count * 99 / 100, appends.count - 1)].seconds * 1000
        let rate = Double(report.samples) / seconds
        guard !invocation.arguments.has(ClientOptions.json) else {
            var writer = JSONWriter(capacity: 256)
            writer.object { writer in
                writer.member("elapsed_seconds", seconds)
                writer.member("samples", report.samples)
                writer.member("samples_per_second", rate)
                writer.member("missed", report.missed)
                writer.member("failed", report.failed)
                writer.member("alert_changes", report.alertChanges)
                writer.member("append_ms_p50", median)
                writer.member("append_ms_p99", tail)
                writer.member("problem", report.problem)
            }
            return try invocation.console.line(writer.bytes)
        }
        func milliseconds(_ value: Double?) -> String { value.map { HumanUnits.decimals($0, 1) + " ms" } ?? "–" }
        var line =
            "\(report.samples) samples, \(HumanUnits.decimals(rate, 0))/s; append p50 \(milliseconds(median)), p99 "
            + "\(milliseconds(tail)); missed \(report.missed), alerts changed \(report.alertChanges)"
        if let problem = report.problem { line += "; \(report.failed) not taken: \(problem)" }
        try invocation.console.line(line)
    }
}
