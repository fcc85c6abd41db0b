internal import Contracts
internal import Runtime
internal import SQLiteKit

/// The rows of the fleet configuration: the settings, and the records of the log that no longer matter.
enum ConfigurationRows {
    static let migration = Migration(
        "configuration-1",
        """
        CREATE TABLE configuration (
            name TEXT PRIMARY KEY,
            version INTEGER NOT NULL,
            value BLOB,
            record TEXT NOT NULL,
            changed_at INTEGER NOT NULL,
            changed_by TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE configuration_surplus (
            record TEXT PRIMARY KEY,
            since INTEGER NOT NULL
        ) WITHOUT ROWID
        """)
}

extension Connection {
    /// Applies a change if it holds (`SettingVersion`).
    func apply(_ change: ConfigurationChange, now: Timestamp) throws -> ConfigurationOutcome {
        let current = try first(
            "SELECT version, record FROM configuration WHERE name = ?", .text(change.setting)
        ) { SettingVersion(number: $0.int(0), record: $0.text(1)) }
        switch SettingVersion.verdict(on: change, after: current) {
        case .isKnown(let version): return .conflict(current: version)
        case .isLate(let version):
            try addSurplus(change.key, now)
            return .conflict(current: version)
        case .holds(let version):
            if let current { try addSurplus(current.record, now) }
            return .applied(try keep(change, as: version))
        }
    }

    private func keep(_ change: ConfigurationChange, as version: SettingVersion) throws -> FleetSetting {
        let setting = FleetSetting(
            name: change.setting, version: version.number, value: change.value, changedAt: change.changedAt,
            changedBy: change.changedBy)
        try run(
            """
            INSERT INTO configuration (name, version, value, record, changed_at, changed_by)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT DO UPDATE SET
                version = ?2, value = ?3, record = ?4, changed_at = ?5, changed_by = ?6
            """, .text(setting.name), .integer(setting.version), Binding(setting.value), .text(version.record),
            .integer(setting.changedAt.microseconds), .text(setting.changedBy))
        return setting
    }

    /// The log holds the record no longer.
    /// - Returns: The setting that went with it, if it was that setting's last.
    func forgetConfigurationRecord(_ key: String) throws -> String? {
        try run("DELETE FROM configuration_surplus WHERE record = ?", .text(key))
        return try first("DELETE FROM configuration WHERE record = ? RETURNING name", .text(key)) { $0.text(0) }
    }

    /// Records that can be deleted from the log: those that others replaced before `end`, and settings that were
    /// deleted before `deletedEnd`.
    func surplusConfigurationRecords(
        before end: Timestamp, deletedBefore deletedEnd: Timestamp, limit: Int
    ) throws
        -> [String]
    {
        try query(
            """
            SELECT record FROM configuration_surplus WHERE since < ?1
            UNION ALL SELECT record FROM configuration WHERE value IS NULL AND changed_at < ?2
            LIMIT ?3
            """, .integer(end.microseconds), .integer(deletedEnd.microseconds), .integer(Int64(limit))
        ) { $0.text(0) }
    }

    /// Settings whose names begin so, deleted ones too.
    func configuration(prefix: String) throws -> [FleetSetting] {
        try query(
            """
            SELECT name, version, value, changed_at, changed_by FROM configuration
            WHERE name >= ?1 AND name < ?1 || char(0x10ffff) ORDER BY name
            """, .text(prefix)
        ) { row in
            FleetSetting(
                name: row.text(0), version: row.int(1), value: row.isNull(2) ? nil : row.blob(2),
                changedAt: Timestamp(microseconds: row.int(3)), changedBy: row.text(4))
        }
    }

    private func addSurplus(_ record: String, _ now: Timestamp) throws {
        try run(
            "INSERT OR IGNORE INTO configuration_surplus (record, since) VALUES (?, ?)", .text(record),
            .integer(now.microseconds))
    }
}
