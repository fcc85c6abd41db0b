import BusTestKit
import Contracts
import Glibc

/// A Python that reads this host with psutil each time that it is asked to.
final class Psutil {
    private static let python = "/usr/bin/python3"

    /// Debian's `python3-psutil`.
    static let isInstalled = system("\(python) -c 'import psutil' >/dev/null 2>&1") == 0

    private static let script = """
        from json import dumps
        from sys import stdin
        from time import CLOCK_BOOTTIME, clock_gettime
        from psutil import (
            Error, cpu_count, cpu_freq, cpu_times, disk_io_counters, disk_usage, getloadavg, net_io_counters, process_iter,
            swap_memory, virtual_memory)

        def values(tuple): return dict(tuple._asdict())

        def process(one):
            with one.oneshot():
                times = one.cpu_times()
                return dict(
                    name=one.name(), ppid=one.ppid(), threads=one.num_threads(), created=one.create_time(),
                    cpu=times.user + times.system)

        def processes():
            found = {}
            for one in process_iter():
                try:
                    found[str(one.pid)] = process(one)
                except Error:
                    pass
            return found

        for line in stdin:
            frequency = cpu_freq()
            print(dumps(dict(
                cpu=values(cpu_times()), cores=[values(core) for core in cpu_times(percpu=True)],
                disks={name: values(disk) for name, disk in disk_io_counters(perdisk=True, nowrap=False).items()},
                networks={name: values(one) for name, one in net_io_counters(pernic=True, nowrap=False).items()},
                memory=values(virtual_memory()), swap=values(swap_memory()),
                logical=cpu_count(), physical=cpu_count(logical=False),
                frequency=frequency.current if frequency else None, load=getloadavg(),
                uptime=clock_gettime(CLOCK_BOOTTIME), space=values(disk_usage("/")),
                processes=processes() if line.strip() == "processes" else {})), flush=True)
        """

    private let process: ChildProcess
    private var count = 0

    init() throws {
        process = try ChildProcess(
            Self.python, ["-c", Self.script], environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"],
            takesInput: true)
    }

    /// What psutil says now; with `processes` only where they are asked for.
    func read(processes: Bool = false) async throws -> JSONValue {
        try process.write(processes ? "processes\n" : "\n")
        let place = count
        count += 1
        let line = try await withDeadline("psutil") { [process] in await process.line(place) { $0.hasPrefix("{") } }
        guard let line else { throw ChildFailure("psutil ended: \(process.text)") }
        return try JSONDocument(parsing: Array(line.utf8)).root
    }
}
