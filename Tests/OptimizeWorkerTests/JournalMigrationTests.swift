import BusTestKit
import Runtime
import SQLiteKit
import Testing

@testable import OptimizeWorker

@Suite struct JournalMigrationTests {
    @Test func refusesTheFileOfANewerVersion() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/optimize-journal.db"
        try await Journal.open(path: path, logger: .silent).close()
        let newer = try await Database.open(
            DatabaseConfiguration(path: path, durability: .full, name: "newer"), migrations: JournalSchema.migrations,
            logger: .silent)
        try await newer.write { _ = try $0.run("INSERT INTO migrations (name) VALUES ('99 later')") }
        try await newer.close()
        await #expect {
            _ = try await Journal.open(path: path, logger: .silent)
        } throws: {
            guard let error = $0 as? SQLiteError else { return false }
            return error.code == .newerVersion && error.description.contains("newer version: it holds '99 later'")
        }
    }
}
