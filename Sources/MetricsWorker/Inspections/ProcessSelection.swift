import Contracts
import HostProbe

/// Chooses the processes that a query asks for, and reads more only about those.
struct ProcessSelection {
    private struct Candidate {
        let process: ProcessStat
        let cpuPercent: Double?
        let resident: UInt64
        /// Known where the pattern had to look at the command line.
        var details: ProcessDetails?
    }

    private let query: ProcessQuery
    private let snapshot: ProcessSnapshot
    private let table: ProcessTable
    private let isExpired: () -> Bool

    /// - Parameter isExpired: asked now and then; nobody waits for the answer any more.
    init(_ query: ProcessQuery, _ snapshot: ProcessSnapshot, _ table: ProcessTable, isExpired: @escaping () -> Bool) {
        self.query = query
        self.snapshot = snapshot
        self.table = table
        self.isExpired = isExpired
    }

    /// The rows in their order; nil when the question expired meanwhile.
    ///
    /// A process that ends meanwhile is left out, and the next takes its place.
    func rows() throws -> [ProcessInfo]? {
        guard let candidates = try candidates() else { return nil }
        var rows: [ProcessInfo] = []
        for candidate in candidates.sorted(by: isBefore) {
            guard rows.count < query.limit else { break }
            guard !isExpired() else { return nil }
            let known = candidate.details
            guard let details = try known ?? table.details(of: candidate.process.identity, .commandLine) else {
                continue
            }
            rows.append(
                snapshot.info(
                    of: candidate.process, cpuPercent: candidate.cpuPercent, details: details, table))
        }
        return rows
    }

    private func candidates() throws -> [Candidate]? {
        var candidates: [Candidate] = []
        candidates.reserveCapacity(snapshot.reading.processes.count)
        for process in snapshot.reading.processes {
            let candidate = Candidate(
                process: process, cpuPercent: snapshot.cpuPercent(of: process, table),
                resident: snapshot.residentBytes(of: process, table))
            if let minimum = query.minimumCPUPercent, (candidate.cpuPercent ?? 0) < minimum { continue }
            if let minimum = query.minimumMemoryMiB, Double(candidate.resident) / 1_048_576 < minimum { continue }
            candidates.append(candidate)
        }
        guard let text = query.pattern else { return candidates }
        guard let pattern = SearchPattern(text) else { throw MessageError("filter_pattern is no pattern") }
        var found: [Candidate] = []
        for var candidate in candidates {
            guard !isExpired() else { return nil }
            if !pattern.isFound(in: candidate.process.name) {
                // Kernel threads and zombies have no memory that could hold one.
                guard candidate.process.virtualBytes > 0 else { continue }
                let details = try table.details(of: candidate.process.identity, .commandLine)
                guard let line = details?.commandLine, pattern.isFound(in: line) else { continue }
                candidate.details = details
            }
            found.append(candidate)
        }
        return found
    }

    private func isBefore(_ left: Candidate, _ right: Candidate) -> Bool {
        let pids = (left.process.identity.pid, right.process.identity.pid)
        switch query.order {
        case .cpu:
            // What is not known comes last.
            let shares = (left.cpuPercent ?? -1, right.cpuPercent ?? -1)
            return shares.0 != shares.1 ? shares.0 > shares.1 : pids.0 < pids.1
        case .memory:
            return left.resident != right.resident ? left.resident > right.resident : pids.0 < pids.1
        case .name:
            let names = (left.process.name.utf8, right.process.name.utf8)
            if names.0.elementsEqual(names.1) { return pids.0 < pids.1 }
            return names.0.lexicographicallyPrecedes(names.1)
        case .pid: return pids.0 < pids.1
        }
    }
}
