internal import HostProbe

/// Frees memory where the host permits it, and measures what came of it: MemAvailable and PSI, before and after.
///
/// Steps: write back dirty pages, compact free memory, drop the page cache (only with the parameter
/// `drop_page_cache: true`), and return free pages of this process's heap.
package struct MemoryOptimization: Optimization {
    package let type = "memory"
    let host: MemoryHost
    let steps: [any MemoryStep]

    package init(host: MemoryHost = MemoryHost()) {
        self.host = host
        steps = [WriteBackStep(), CompactionStep(), PageCacheStep(), HeapTrimStep()]
    }

    package func plan(_ context: PlanContext) async throws -> [PlannedStep] {
        let parameters = try context.parameters()
        let isDropping = try parameters.bool(PageCacheStep.parameter, default: false)
        return try await context.blocking { [host, steps] in
            let state = try MemoryState(root: host.root)
            return steps.map { $0.plan(state, host, isDropping: isDropping) }
        }
    }

    package func measure(_ context: PlanContext) async throws -> Facts {
        try await context.blocking { [host] in try MemoryState(root: host.root).facts }
    }

    package func perform(_ step: PlannedStep, _ context: StepContext) async throws -> StepOutcome {
        guard let performer = steps.first(where: { $0.name == step.name }) else {
            throw OptimizationError(.unavailable, "this version has no step \(step.name)")
        }
        return try await context.blocking { [host] in
            let before = try MemoryState(root: host.root)
            if let reason = performer.obstacle(before, host) { return .skipped(reason) }
            let change = try performer.perform(host)
            let after = try MemoryState(root: host.root)
            var measured = Self.difference(before, after)
            measured.merge(change.measured)
            return StepOutcome(.completed, changes: [change.line], measured: measured)
        }
    }

    package func impact(before: Facts, after: Facts, steps: [StepRecord]) -> Facts {
        var impact: Facts = [:]
        for (name, key) in [
            ("memory_available_before_mb", "available_bytes"), ("memory_free_before_mb", "free_bytes"),
        ] {
            if let bytes = before[key]?.int { impact[name] = .double(Self.mebibytes(bytes)) }
        }
        for (name, key) in [("memory_available_after_mb", "available_bytes"), ("memory_free_after_mb", "free_bytes")] {
            if let bytes = after[key]?.int { impact[name] = .double(Self.mebibytes(bytes)) }
        }
        if let first = before["available_bytes"]?.int, let last = after["available_bytes"]?.int {
            impact["memory_delta_mb"] = .double(Self.mebibytes(last - first))
            impact["memory_freed_mb"] = .double(max(0, Self.mebibytes(last - first)))
        }
        for (suffix, facts) in [("before", before), ("after", after)] {
            if let percent = facts["used_percent"]?.double { impact["memory_percent_\(suffix)"] = .double(percent) }
            if let share = facts["pressure_some_avg10"]?.double {
                impact["pressure_some_avg10_\(suffix)"] = .double(share)
            }
            if let share = facts["pressure_full_avg10"]?.double {
                impact["pressure_full_avg10_\(suffix)"] = .double(share)
            }
        }
        return impact
    }

    /// `memory.optimized`, as existing clients read it.
    package func events(impact: Facts, duration: Double) -> [(type: String, data: Facts)] {
        [
            (
                "memory.optimized",
                ["freed_mb": impact["memory_freed_mb"] ?? .null, "duration_ms": .double(duration * 1000)]
            )
        ]
    }

    package func freedMemory(impact: Facts) -> Double? { impact["memory_freed_mb"]?.double.map { $0 * 1_048_576 } }

    private static func difference(_ before: MemoryState, _ after: MemoryState) -> Facts {
        [
            "available_before_bytes": FactValue(before.reading.available),
            "available_after_bytes": FactValue(after.reading.available),
            "free_before_bytes": FactValue(before.reading.free), "free_after_bytes": FactValue(after.reading.free),
            "dirty_before_bytes": FactValue(before.reading.dirty), "dirty_after_bytes": FactValue(after.reading.dirty),
            "pressure_some_avg10_before": FactValue(before.pressure?.some.average10),
            "pressure_some_avg10_after": FactValue(after.pressure?.some.average10),
            "fragmented_percent_before": FactValue(before.blocks?.fragmentedPercent),
            "fragmented_percent_after": FactValue(after.blocks?.fragmentedPercent),
        ]
    }

    private static func mebibytes(_ bytes: Int) -> Double { Double(bytes) / 1_048_576 }
}
