internal import Contracts

extension DiskOptimization {
    /// Files between two looks at what programs have open, and between two writes to the journal.
    private static let batch = 512

    package func perform(_ step: PlannedStep, _ context: StepContext) async throws -> StepOutcome {
        let prepared: Prepared
        do {
            prepared = try await context.blocking { [self] in try prepare(step, context.request.id, context.number) }
        } catch let obstacle as Obstacle {
            return .skipped(obstacle.words)
        }
        let totals = try await context.totals()
        let total = totals.values.reduce(0) { $0 + $1.count }
        var done = total - (totals[.planned]?.count ?? 0)
        var isCancelled = context.isCancelled
        if prepared.isPurging { try await purgeLeftovers(prepared, context) }
        var last = -1
        while !isCancelled {
            try context.checkStop()
            let items = try await context.items(in: .planned, after: last, limit: Self.batch)
            guard let final = items.last else { break }
            last = final.number
            let moved = try await context.blocking { [configuration] in
                let openFiles = OpenFiles(procFolder: configuration.procFolder, device: prepared.device)
                return items.map { prepared.mover.setAside($0, openFiles: openFiles) }
            }
            try await context.settle(moved)
            if prepared.isPurging { try await purge(moved, prepared, context) }
            done += items.count
            try await context.progress(done, of: total)
            isCancelled = context.isCancelled
        }
        try await context.blocking { prepared.mover.quarantine.removeIfEmpty() }
        return try await outcome(prepared, context, isCancelled: isCancelled)
    }

    /// What a step works with once its preconditions are checked.
    private struct Prepared: Sendable {
        var path: String
        var device: UInt64
        var isPurging: Bool
        var mover: FileMover
    }

    private func prepare(_ step: PlannedStep, _ session: String, _ number: Int) throws -> Prepared {
        guard let path = step.parameters["folder"]?.text, let since = step.parameters["unused_since_us"]?.int,
            let kind = step.parameters["kind"]?.text
        else { throw OptimizationError(.unavailable, "the plan was made by another version") }
        // The configuration may have changed since the plan.
        let isAllowed = CleaningTarget.all(configuration, policy).contains {
            $0.path == path && $0.kind.rawValue == kind && $0.objection == nil
        }
        guard isAllowed else { throw Obstacle("the folder is not one that may be cleaned now") }
        let folder: Folder
        let status: FileStatus
        do {
            folder = try Folder.open(path)
            status = try folder.status()
        } catch {
            throw Obstacle("the folder cannot be opened: \(error)")
        }
        guard status.facts["device"] == step.parameters["device"], status.facts["inode"] == step.parameters["inode"]
        else { throw Obstacle("the folder is not the one that was planned") }
        if kind == CleaningTarget.Kind.packageArchives.rawValue, folder.isLocked(Array("lock".utf8)) {
            throw Obstacle("apt is at work")
        }
        let mover = FileMover(
            folder: folder, quarantine: try quarantine(for: folder, status, at: path, session), step: number,
            unusedSince: since * 1000)
        return Prepared(
            path: path, device: status.device, isPurging: step.parameters["purge"]?.bool ?? false, mover: mover)
    }

    /// In the state folder where that is on the same file system, else in the folder itself.
    private func quarantine(
        for folder: Folder, _ status: FileStatus, at path: String, _ session: String
    ) throws -> Quarantine {
        if let state = PathPolicy.resolve(configuration.stateFolder), let base = try? Folder.open(state),
            try base.status().device == status.device
        {
            let quarantine = try Quarantine(in: base, at: state, named: Array("quarantine".utf8), session: session)
            if isSameMount(folder, quarantine.folder) { return quarantine }
            quarantine.removeIfEmpty()
        }
        return try Quarantine(in: folder, at: path, named: Quarantine.folderName, session: session)
    }

    /// Whether a file can be moved between folders of one device: a file system can be mounted twice, and the kernel
    /// moves nothing from one mount to the other.
    private func isSameMount(_ first: Folder, _ second: Folder) -> Bool {
        // Where the kernel does not tell, each move does.
        guard let mount = first.mount(), let other = second.mount() else { return true }
        return mount == other
    }

    /// Deletes what an interrupted run of this session had moved and not deleted yet.
    private func purgeLeftovers(_ prepared: Prepared, _ context: StepContext) async throws {
        var last = -1
        while true {
            let items = try await context.items(in: .quarantined, after: last, limit: Self.batch)
            guard let final = items.last else { return }
            last = final.number
            try await purge(items, prepared, context)
        }
    }

    private func purge(_ items: [JournalItem], _ prepared: Prepared, _ context: StepContext) async throws {
        let quarantined = items.filter { $0.state == .quarantined }
        guard !quarantined.isEmpty else { return }
        let purged = try await context.blocking { [configuration] in
            // A look after the move is the last one needed: nobody else can open a file by its name from then on.
            let openFiles = OpenFiles(procFolder: configuration.procFolder, device: prepared.device)
            return quarantined.map { prepared.mover.purge($0, openFiles: openFiles) }
        }
        try await context.settle(purged)
    }

    private func outcome(
        _ prepared: Prepared, _ context: StepContext, isCancelled: Bool
    ) async throws -> StepOutcome {
        let totals = try await context.totals()
        func total(_ state: JournalItem.State) -> ItemTotal { totals[state] ?? ItemTotal() }
        let (quarantined, purged, failed) = (total(.quarantined), total(.purged), total(.failed))
        var outcome = StepOutcome(isCancelled ? .cancelled : .completed)
        if purged.count > 0 {
            outcome.changes.append("Deleted \(purged.count) files in \(prepared.path), \(purged.bytes) bytes of disk")
        }
        if quarantined.count > 0 {
            outcome.changes.append(
                "Moved \(quarantined.count) files, \(quarantined.bytes) bytes of disk, from \(prepared.path) to "
                    + "\(prepared.mover.quarantine.path); the space is free once they are purged")
        }
        outcome.measured = [
            "freed_bytes": .int(purged.bytes), "purged_files": .int(purged.count),
            "quarantined_bytes": .int(quarantined.bytes), "quarantined_files": .int(quarantined.count),
            "left_alone_files": .int(total(.leftAlone).count), "failed_files": .int(failed.count),
            "not_reached_files": .int(total(.planned).count),
        ]
        outcome.problems =
            try await problems(.leftAlone, "left alone", context) + problems(.failed, "failed", context)
        if isCancelled {
            outcome.reason = "cancelled with \(total(.planned).count) files to go"
        } else if failed.count > 0, purged.count + quarantined.count == 0 {
            outcome.ending = .failed
            outcome.reason = "none of \(failed.count) files could be moved"
        } else if purged.count + quarantined.count == 0 {
            outcome.ending = .skipped
            outcome.reason = "no file is as it was planned any more"
        }
        return outcome
    }

    /// The first of the files that were not touched, with the reason, and how many more there are.
    private func problems(_ state: JournalItem.State, _ words: String, _ context: StepContext) async throws -> [String]
    {
        let shown = 20
        let items = try await context.items(in: state, after: -1, limit: shown)
        var lines = items.map { "\(words): \(String(decoding: $0.item.target, as: UTF8.self)): \($0.detail ?? "")" }
        let count = try await context.totals()[state]?.count ?? 0
        if count > items.count { lines.append("\(words): \(count - items.count) more files") }
        return lines
    }
}

/// Why a step is not to be performed now.
private struct Obstacle: Error {
    let words: String

    init(_ words: String) { self.words = words }
}
