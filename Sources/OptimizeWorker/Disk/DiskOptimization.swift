internal import HostProbe

/// Frees disk space beneath the storage roots: old temporary files, and package archives that apt can load again.
///
/// A real run moves each file into a quarantine on its file system, which frees nothing yet; with the parameter
/// `purge: true` it deletes them, which cannot be undone. `older_than_days` (1–3650, default 7) is how long nobody may
/// have written or read a file.
package struct DiskOptimization: Optimization {
    package let type = "disk"
    let configuration: DiskConfiguration
    let policy: PathPolicy

    package init(configuration: DiskConfiguration) {
        self.configuration = configuration
        policy = PathPolicy(stateFolder: configuration.stateFolder, homeFolder: configuration.homeFolder)
    }

    package func measure(_ context: PlanContext) async throws -> Facts {
        try await context.blocking { [self] in
            var seen: Set<UInt64> = []
            var systems: [FactValue] = []
            var free = 0
            for target in CleaningTarget.all(configuration, policy) where target.objection == nil {
                // A folder that cannot be opened has no step, so its space says nothing.
                guard let device = try? Folder.open(target.path).status().device, seen.insert(device).inserted,
                    let space = try? FileSystemSpace.of(target.path)
                else { continue }
                free += Int(clamping: space.free)
                systems.append(
                    .facts([
                        "path": .text(target.path), "free_bytes": FactValue(space.free),
                        "available_bytes": FactValue(space.available), "total_bytes": FactValue(space.total),
                        "used_percent": FactValue(space.usedPercent),
                    ]))
            }
            return ["free_bytes": systems.isEmpty ? .null : .int(free), "file_systems": .list(systems)]
        }
    }

    package func impact(before: Facts, after: Facts, steps: [StepRecord]) -> Facts {
        var impact: Facts = [:]
        func sum(_ name: String) -> Int { steps.reduce(0) { $0 + ($1.outcome?.measured[name]?.int ?? 0) } }
        impact["space_freed_mb"] = .double(Double(sum("freed_bytes")) / 1_048_576)
        impact["freed_bytes"] = .double(Double(sum("freed_bytes")))
        impact["quarantined_bytes"] = .double(Double(sum("quarantined_bytes")))
        impact["files_purged"] = .double(Double(sum("purged_files")))
        impact["files_quarantined"] = .double(Double(sum("quarantined_files")))
        for (suffix, facts) in [("before", before), ("after", after)] {
            if let free = facts["free_bytes"]?.double { impact["disk_free_bytes_\(suffix)"] = .double(free) }
            if case .list(let systems) = facts["file_systems"], case .facts(let first) = systems.first,
                let percent = first["used_percent"]?.double
            {
                impact["disk_percent_\(suffix)"] = .double(percent)
            }
        }
        return impact
    }

    package func analyzedStorage(steps: [PlannedStep]) -> Double? {
        let scanned = steps.compactMap { $0.parameters["scanned_bytes"]?.double }
        return scanned.isEmpty ? nil : scanned.reduce(0, +)
    }
}
