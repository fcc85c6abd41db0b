internal import Contracts

extension DiskOptimization {
    /// Files that are listed by name; the journal has them all.
    private static let listed = 1000

    package func rollback(_ context: RollbackContext) async throws -> Facts? {
        var files: [FactValue] = []
        var count = 0
        var bytes = 0
        for step in context.steps {
            guard let folder = step.step.parameters["folder"]?.text,
                let total = try await context.totals(step: step.number)[.quarantined]
            else { continue }
            count += total.count
            bytes += total.bytes
            let items = try await context.items(
                step: step.number, in: .quarantined, after: -1, limit: Self.listed - files.count)
            for item in items { files.append(Self.describe(item, folder)) }
        }
        guard count > 0 else { return nil }
        return [
            "automatic": false,
            "note": """
            Each file can be moved back by hand from `quarantined` to `original`; owner, mode and times are kept. \
            Rolling back is not automatic in this version: auto_rollback and rollback_timeout_minutes have no effect. \
            The journal lists every file.
            """,
            "journal": "optimize-journal.db", "restorable_files": .int(count), "restorable_bytes": .int(bytes),
            "truncated": .bool(count > files.count), "files": .list(files),
        ]
    }

    private static func describe(_ item: JournalItem, _ folder: String) -> FactValue {
        let path = String(decoding: item.item.target, as: UTF8.self)
        var facts: Facts = [
            "original": .text("\(folder)/\(path)"), "quarantined": FactValue(item.detail),
            "bytes": .int(item.item.bytes),
        ]
        if Array(path.utf8) != item.item.target {
            // The name is not UTF-8: its bytes in hexadecimal.
            let digits = item.item.target.map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
            facts["original_bytes"] = .text(digits.joined())
        }
        return .facts(facts)
    }
}
