extension Connection {
    /// A check reads every page: 64 MiB take about 50 ms, and a start must not take longer than that.
    private static let checkedBytes: Int64 = 64 << 20

    /// Checks the file's structure; a larger file is checked at its header and free list only.
    /// - Throws: `.corrupt` with SQLite's first finding.
    func checkIntegrity() throws {
        let pages = try first("PRAGMA page_count") { $0.int(0) } ?? 0
        let finding: String?
        if pages * Int64(WriteAheadLog.pageBytes) <= Self.checkedBytes {
            finding = try first("PRAGMA quick_check(1)") { $0.text(0) }
        } else {
            finding = try first("SELECT count(*) FROM sqlite_schema") { _ in "ok" }
        }
        guard finding == "ok" else {
            throw SQLiteError(.corrupt, sqliteCode: 11, message: finding ?? "the integrity check gave no answer")
        }
    }
}
