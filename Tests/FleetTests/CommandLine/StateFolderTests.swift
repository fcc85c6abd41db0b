import BusTestKit
import Glibc
import Runtime
import Testing

@testable import flotilla

@Suite struct StateFolderTests {
    private func holder(pid: Int32 = 42, url: String? = nil) -> StateFolderLock.Holder {
        StateFolderLock.Holder(
            pid: pid, role: "up", startedAt: Timestamp(microseconds: 1_795_230_000_000_000), url: url)
    }

    @Test func followsTheBaseDirectorySpecification() {
        #expect(StateFolder.standardPath(environment: ["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/flotilla")
        #expect(
            StateFolder.standardPath(environment: ["XDG_STATE_HOME": "s", "HOME": "/h"]) == "/h/.local/state/flotilla")
        #expect(StateFolder.standardPath(environment: [:]) == nil)
    }

    @Test func isMadeForItsOwnerAlone() throws {
        let temporary = try TemporaryFolder()
        let folder = StateFolder(path: temporary.path + "/a/b")
        try folder.create()
        try folder.create()
        var status = stat()
        #expect(stat(folder.path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
    }

    @Test func aFileInItsPlaceIsNamed() throws {
        let temporary = try TemporaryFolder()
        try temporary.write("x", to: "file")
        #expect(throws: CommandFailure.self) { try StateFolder(path: temporary.path + "/file").create() }
        #expect(throws: CommandFailure.self) { try StateFolder(path: temporary.path + "/file/below").create() }
    }

    @Test func theSecondHolderIsToldWhoTheFirstIs() throws {
        let temporary = try TemporaryFolder()
        let folder = StateFolder(path: temporary.path)
        let lock = try StateFolderLock.acquire(folder, for: holder())
        try lock.announce(holder(url: "http://127.0.0.1:8123"))
        do {
            _ = try StateFolderLock.acquire(folder, for: holder(pid: 43))
            Issue.record("two holders")
        } catch {
            #expect(error.exit == .configuration)
            #expect(error.message.contains("process 42 (flotilla up)"))
            #expect(error.message.contains("2026-"))
            #expect(error.message.contains("http://127.0.0.1:8123"))
        }
        #expect(StateFolderLock.holder(of: folder) == holder(url: "http://127.0.0.1:8123"))
        withExtendedLifetime(lock) {}
    }

    @Test func whatADeadHolderLeftMeansNothing() throws {
        let temporary = try TemporaryFolder()
        let folder = StateFolder(path: temporary.path)
        #expect(StateFolderLock.holder(of: folder) == nil)
        do { _ = try StateFolderLock.acquire(folder, for: holder(url: "http://127.0.0.1:1")) }
        #expect(StateFolderLock.holder(of: folder) == nil)
        _ = try StateFolderLock.acquire(folder, for: holder(pid: 44))
        try temporary.write("{broken", to: "up.lock")
        let lock = try StateFolderLock.acquire(folder, for: holder(pid: 45))
        #expect(StateFolderLock.holder(of: folder)?.pid == 45)
        withExtendedLifetime(lock) {}
    }
}
