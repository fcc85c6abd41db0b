import BusClients
import Contracts
import Runtime

/// `flotilla queues health`: how the processes of this machine do on the bus, as they last said.
enum BusHealthCommand {
    static let command = Command(
        name: "health", summary: "show connections, consumers and lag of the fleet's processes on this machine",
        discussion: [
            "Every process of a role says every 5 seconds, in the state folder, how it is connected, what its consumers "
                + "hold and how long nothing has moved. This command works while the brokers are away.",
            "It ends with 1 when a process is not ready, so that it can serve as a probe.",
        ],
        options: ClientOptions.overBus, variables: ClientOptions.variables,
        exits: [
            .init(.success, "every process is ready"), .init(.failed, "a process is not ready; its problems are shown"),
            .init(.configuration, "a setting is not valid"), .init(.unreachable, "no process has said anything"),
            .init(.usage),
        ],
        examples: [
            .init("flotilla queues health", "A line for every connection, consumer and producer."),
            .init("flotilla queues health --json | jq .bus.problems", "What stands in the way."),
        ],
        run: { invocation in
            let folder = try ClientSettings(invocation).stateFolder
            let reports = HealthFile.reports(in: folder, now: invocation.time.now)
            guard !reports.isEmpty else {
                throw CommandFailure(
                    .unreachable, "no_process", "no process reports in the state folder \(folder.path)",
                    hint: "'flotilla up' starts the fleet; another folder is given with --state or FLOTILLA_STATE.")
            }
            if invocation.arguments.has(ClientOptions.json) {
                for report in reports { try invocation.console.line(report.root.minified) }
            } else {
                for line in table(reports).lines(invocation.console.style) { try invocation.console.line(line) }
            }
            let problems = reports.flatMap(problems)
            for problem in problems { invocation.console.note(problem) }
            return problems.isEmpty ? .success : .failed
        })

    /// A line for every connection, then for what it carries.
    static func table(_ reports: [JSONDocument]) -> TextTable {
        var table = TextTable(columns: [
            .init(title: "PROCESS"), .init(title: "PORT"), .init(title: "STATE"),
            .init(title: "UNSETTLED", isRightAligned: true), .init(title: "OLDEST", isRightAligned: true),
            .init(title: "LAG", isRightAligned: true), .init(title: "IDLE", isRightAligned: true),
        ])
        for report in reports {
            let process = "\(report.root["process"]?.string ?? "?") \(report.root["pid"]?.int ?? 0)"
            for port in elements(of: report.root["bus"], "ports") { add(port, of: process, to: &table) }
        }
        return table
    }

    private static func add(_ port: JSONValue, of process: String, to table: inout TextTable) {
        let name = port["port"]?.string ?? "?"
        let state = port["state"]?.string ?? "?"
        table.rows.append([
            TextTable.Cell(process.shown(atMost: 40)), TextTable.Cell(name),
            TextTable.Cell(
                "\(port["transport"]?.string ?? "?") \(state)", state == "connected" ? .good : .bad), "", "", "", "",
        ])
        for consumer in elements(of: port, "consumers") {
            table.rows.append([
                "", TextTable.Cell("  < \(consumer["source"]?.string ?? "?")".shown(atMost: 60)), moving(consumer),
                TextTable.Cell("\(consumer["unsettled"]?.int ?? 0)"),
                TextTable.Cell(age(consumer["oldest_unsettled_seconds"])),
                TextTable.Cell(consumer["lag"]?.int.map { "\($0)" } ?? "–"),
                TextTable.Cell(age(consumer["since_progress_seconds"])),
            ])
        }
        for producer in elements(of: port, "producers") {
            table.rows.append([
                "", TextTable.Cell("  > \(producer["target"]?.string ?? "?")".shown(atMost: 60)), moving(producer),
                TextTable.Cell("\(producer["waiting"]?.int ?? 0)"),
                TextTable.Cell(age(producer["oldest_waiting_seconds"])), "",
                TextTable.Cell(age(producer["since_success_seconds"])),
            ])
        }
    }

    private static func moving(_ activity: JSONValue) -> TextTable.Cell {
        activity["stuck"]?.bool == true ? TextTable.Cell("stuck", .bad) : ""
    }

    private static func age(_ seconds: JSONValue?) -> String {
        seconds?.double.map { HumanUnits.duration(seconds: $0) } ?? "–"
    }

    private static func problems(_ report: JSONDocument) -> [String] {
        elements(of: report.root["bus"], "problems").compactMap { problem in
            problem.string.map { "\(report.root["process"]?.string ?? "?"): \($0)" }
        }
    }

    private static func elements(of value: JSONValue?, _ name: String) -> [JSONValue] {
        value?[name].map { Array($0.elements) } ?? []
    }
}
