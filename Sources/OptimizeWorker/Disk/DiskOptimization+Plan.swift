internal import Contracts
internal import Glibc
internal import Runtime

extension DiskOptimization {
    package func plan(_ context: PlanContext) async throws -> [PlannedStep] {
        let parameters = try context.parameters()
        let days = try parameters.int("older_than_days", default: 7, in: 1...3650)
        let isPurging = try parameters.bool("purge", default: false)
        let unusedSince = context.time.now.advanced(by: .seconds(-days * 86_400))
        var steps: [PlannedStep] = []
        let targets = try await context.blocking { [self] in CleaningTarget.all(configuration, policy) }
        for target in targets {
            guard !context.isCancelled else { break }
            let search = Search(target: target, unusedSince: unusedSince, isPurging: isPurging, days: days)
            steps.append(try await plan(search, step: steps.count, context))
        }
        if steps.isEmpty {
            steps.append(
                PlannedStep(
                    name: "old_files", title: "Old temporary files", risk: .none, reversibility: .notNeeded,
                    skipReason: "no storage root exists in which there is something to clean"))
        }
        return steps
    }

    /// What one step looks for.
    private struct Search: Sendable {
        var target: CleaningTarget
        var unusedSince: Timestamp
        var isPurging: Bool
        var days: Int
    }

    private func plan(_ search: Search, step: Int, _ context: PlanContext) async throws -> PlannedStep {
        var planned = PlannedStep(
            name: search.target.stepName, title: search.target.title, risk: .medium,
            reversibility: search.isPurging ? .irreversible : .reversible)
        if let objection = search.target.objection {
            planned.skipReason = objection
            return planned
        }
        let opened: (folder: Folder, status: FileStatus, scan: FileScan, hidden: Int)
        do {
            opened = try await context.blocking { [self] in try open(search, context.time) }
        } catch let error as SystemCallError {
            planned.skipReason =
                error.code == ENOSYS
                ? "the kernel has no openat2, without which nothing is moved" : "it cannot be opened: \(error)"
            return planned
        }
        var summary = Summary()
        while let found = try await context.blocking({ opened.scan.next() }) {
            try Task.checkCancellation()
            let items = found.map {
                PlannedItem(target: $0.path, bytes: $0.status.diskBytes, facts: $0.status.facts)
            }
            try await context.add(items, toStep: step, from: summary.files)
            summary.add(found)
            if context.isCancelled { break }
        }
        planned.evidence = summary.evidence(search.days, opened.scan.counts, hiddenProcesses: opened.hidden)
        planned.estimatedBytes = search.isPurging ? summary.bytes : 0
        planned.parameters = [
            "folder": .text(search.target.path), "kind": .text(search.target.kind.rawValue),
            "device": opened.status.facts["device"] ?? .null, "inode": opened.status.facts["inode"] ?? .null,
            "unused_since_us": .int(Int(search.unusedSince.microseconds)), "purge": .bool(search.isPurging),
            "scanned_bytes": .int(opened.scan.counts.bytes),
        ]
        if summary.files == 0 { planned.skipReason = "there is nothing in it to clean away" }
        return planned
    }

    private func open(
        _ search: Search, _ time: any TimeSource
    ) throws -> (folder: Folder, status: FileStatus, scan: FileScan, hidden: Int) {
        let folder = try Folder.open(search.target.path)
        let status = try folder.status()
        let openFiles = OpenFiles(procFolder: configuration.procFolder, device: status.device)
        let user = geteuid()
        let rule = FileScan.Rule(
            kind: search.target.kind, unusedSince: Int(search.unusedSince.microseconds).multipliedClamping(by: 1000),
            owner: user == 0 ? nil : user)
        // The state folder by its identity too, should another path lead to it.
        let state = try? Folder.open(PathPolicy.resolve(configuration.stateFolder) ?? "").status().key
        let scan = FileScan(
            folder, at: search.target.path, rule: rule, openFiles: openFiles, policy: policy,
            excluded: Set([state].compactMap { $0 }), configuration: configuration, time: time)
        return (folder, status, scan, openFiles.hiddenProcesses)
    }
}

/// What a scan found, for the evidence of its step.
private struct Summary {
    private static let examples = 20

    var files = 0
    var bytes = 0
    private var size = 0
    private var paths: [String] = []

    mutating func add(_ found: [FileScan.FoundFile]) {
        files += found.count
        for file in found {
            bytes += file.status.diskBytes
            size += file.status.size
        }
        for file in found.prefix(Self.examples - paths.count) {
            paths.append(String(decoding: file.path, as: UTF8.self))
        }
    }

    func evidence(_ days: Int, _ counts: FileScan.Counts, hiddenProcesses: Int) -> Facts {
        [
            "files": .int(files), "reclaimable_bytes": .int(bytes), "size_bytes": .int(size),
            "older_than_days": .int(days), "examples": .list(paths.map(FactValue.text)),
            "entries_scanned": .int(counts.entries), "truncated": .bool(counts.isTruncated),
            "unreadable_folders": .int(counts.unreadableFolders), "kept_open_files": .int(counts.openFiles),
            "kept_hard_linked_files": .int(counts.linkedFiles), "kept_files_of_others": .int(counts.othersFiles),
            "kept_recent_files": .int(counts.recentFiles), "processes_not_visible": .int(hiddenProcesses),
        ]
    }
}

extension Int {
    /// The product, at the ends of the range where it does not fit.
    fileprivate func multipliedClamping(by factor: Int) -> Int {
        let (product, isTooLarge) = multipliedReportingOverflow(by: factor)
        return isTooLarge ? (self < 0 ? .min : .max) : product
    }
}
