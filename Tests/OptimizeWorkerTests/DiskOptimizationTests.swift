import BusTestKit
import Contracts
import Glibc
import Testing

@testable import OptimizeWorker

@Suite(.timeLimit(.minutes(1)))
struct DiskOptimizationTests {
    /// A folder to clean beside the worker's own, and the optimization of it.
    private struct Site {
        let bench: Workbench
        let root: String

        init() async throws {
            bench = try await Workbench()
            root = bench.folder.path + "/root"
            try TestFiles.makeFolder(root)
        }

        var optimization: DiskOptimization { DiskOptimization(configuration: configuration) }

        var configuration: DiskConfiguration {
            DiskConfiguration(
                roots: [root], temporaryRoots: [root], archiveFolders: [root + "/archives"],
                stateFolder: bench.stateFolder)
        }

        func request(isDryRun: Bool = false, parameters: String = "{}") -> OptimizationRequest {
            bench.request(type: "disk", isDryRun: isDryRun, parameters: parameters)
        }

        /// What is in the session's quarantine.
        func quarantined() throws -> [String] {
            let folder = bench.stateFolder + "/quarantine/t1"
            return TestFiles.exists(folder) ? try TestFiles.snapshot(folder).keys.sorted() : []
        }

        /// Runs a session with something that happens between its plan and its first step.
        func run(_ beforePerform: @escaping @Sendable () throws -> Void) async throws -> OptimizationResult {
            try await bench.run(request(), Interrupted(base: optimization, beforePerform: beforePerform))
        }
    }

    private func evidence(_ result: OptimizationResult) throws -> Facts {
        let report = try Facts(json: try #require(result.report))
        guard case .list(let plan) = report["plan"], case .facts(let step) = plan.first,
            case .facts(let evidence) = step["evidence"]
        else { return [:] }
        return evidence
    }

    @Test func dryRunChangesNotOneByte() async throws {
        let site = try await Site()
        try TestFiles.makeFolder(site.root + "/sub")
        try TestFiles.write(site.root + "/a")
        try TestFiles.write(site.root + "/sub/b", "older")
        try TestFiles.write(site.root + "/new", days: 0)
        let before = try TestFiles.snapshot(site.root)
        let result = try await site.bench.run(site.request(isDryRun: true), site.optimization)
        #expect(try TestFiles.snapshot(site.root) == before)
        #expect(!TestFiles.exists(site.bench.stateFolder + "/quarantine"))
        #expect(result.changes.isEmpty)
        #expect(result.rollback == nil)
        let evidence = try evidence(result)
        #expect(evidence["files"] == 2)
        #expect(evidence["examples"] == .list(["a", "sub/b"]))
        #expect(evidence["truncated"] == false)
        #expect(evidence["kept_recent_files"] == 1)
        let bytes = TestFiles.diskBytes(site.root + "/a") + TestFiles.diskBytes(site.root + "/sub/b")
        #expect(evidence["reclaimable_bytes"] == .int(bytes))
    }

    @Test func movesExactlyThePlanIntoQuarantine() async throws {
        let site = try await Site()
        try TestFiles.makeFolder(site.root + "/sub")
        try TestFiles.write(site.root + "/a", "first")
        try TestFiles.write(site.root + "/sub/b", "second")
        try TestFiles.write(site.root + "/new", days: 0)
        #expect(symlink("a", site.root + "/link") == 0)
        try TestFiles.write(site.root + "/linked")
        #expect(link(site.root + "/linked", site.root + "/linked-too") == 0)
        #expect(mkfifo(site.root + "/fifo", 0o600) == 0)
        let result = try await site.run { try TestFiles.write(site.root + "/later", "came after the plan") }
        #expect(result.status == .completed)
        #expect(
            try TestFiles.snapshot(site.root).keys.sorted() == [
                "fifo", "later", "link", "linked", "linked-too", "new", "sub",
            ])
        #expect(try site.quarantined() == ["0-0", "0-1"])
        #expect(TestFiles.read(site.bench.stateFolder + "/quarantine/t1/0-0") == "first")
        #expect(TestFiles.read(site.bench.stateFolder + "/quarantine/t1/0-1") == "second")
        let impact = try Facts(json: try #require(result.performanceImpact))
        #expect(impact["freed_bytes"] == 0.0)
        #expect(impact["files_quarantined"] == 2.0)
        let rollback = try Facts(json: try #require(result.rollback))
        #expect(rollback["automatic"] == false)
        #expect(rollback["restorable_files"] == 2)
        guard case .list(let files) = rollback["files"], case .facts(let first) = files.first else {
            Issue.record("no files in rollback_info")
            return
        }
        #expect(first["original"] == .text(site.root + "/a"))
        #expect(first["quarantined"] == .text(site.bench.stateFolder + "/quarantine/t1/0-0"))
    }

    @Test func purgeFreesTheBlocks() async throws {
        let site = try await Site()
        try TestFiles.write(site.root + "/a", String(repeating: "x", count: 10_000))
        let bytes = TestFiles.diskBytes(site.root + "/a")
        let result = try await site.bench.run(site.request(parameters: #"{"purge": true}"#), site.optimization)
        let impact = try Facts(json: try #require(result.performanceImpact))
        #expect(bytes > 0)
        #expect(impact["freed_bytes"] == .double(Double(bytes)))
        #expect(result.rollback == nil)
        #expect(!TestFiles.exists(site.root + "/a"))
        #expect(try site.quarantined().isEmpty)
    }

    @Test func leavesAFileAloneThatWasWrittenSinceThePlan() async throws {
        let site = try await Site()
        try TestFiles.write(site.root + "/a", "same size")
        try TestFiles.write(site.root + "/b")
        // Same size, same times: only the change time tells.
        let result = try await site.run { try TestFiles.write(site.root + "/a", "SAME SIZE") }
        #expect(TestFiles.read(site.root + "/a") == "SAME SIZE")
        #expect(try site.quarantined() == ["0-1"])
        #expect(result.status == .completed)
        #expect(result.errorMessage?.contains("left alone: a: ") == true)
    }

    @Test func leavesAReplacedFileAlone() async throws {
        let site = try await Site()
        let outside = site.bench.folder.path + "/outside"
        try TestFiles.write(outside, "precious")
        try TestFiles.write(site.root + "/a")
        try TestFiles.write(site.root + "/b")
        try TestFiles.write(site.root + "/c")
        let result = try await site.run {
            unlink(site.root + "/a")
            #expect(symlink(outside, site.root + "/a") == 0)
            #expect(link(site.root + "/b", site.root + "/b2") == 0)
            unlink(site.root + "/c")
        }
        #expect(TestFiles.read(outside) == "precious")
        #expect(TestFiles.exists(site.root + "/a"))
        #expect(TestFiles.exists(site.root + "/b"))
        #expect(try site.quarantined().isEmpty)
        #expect(result.errorMessage?.contains("not a regular file any more") == true)
        #expect(result.errorMessage?.contains("another hard link") == true)
        #expect(result.errorMessage?.contains("it is gone") == true)
        #expect(result.changes.isEmpty)
    }

    @Test func doesNotFollowAParentThatBecameALink() async throws {
        let site = try await Site()
        let outside = site.bench.folder.path + "/outside"
        try TestFiles.makeFolder(outside)
        try TestFiles.makeFolder(site.root + "/sub")
        try TestFiles.write(site.root + "/sub/a")
        let result = try await site.run {
            // The very same file, so that only the way to it differs.
            #expect(rename(site.root + "/sub/a", outside + "/a") == 0)
            #expect(rmdir(site.root + "/sub") == 0)
            #expect(symlink(outside, site.root + "/sub") == 0)
        }
        #expect(TestFiles.read(outside + "/a") == "old")
        #expect(try site.quarantined().isEmpty)
        #expect(result.errorMessage?.contains("a link or mount took its place") == true)
    }

    @Test func leavesOpenFilesAlone() async throws {
        let site = try await Site()
        try TestFiles.write(site.root + "/a")
        try TestFiles.write(site.root + "/b")
        let first = open(site.root + "/a", O_RDONLY | O_CLOEXEC)
        defer { close(first) }
        let dryRun = try await site.bench.run(site.request(isDryRun: true), site.optimization)
        #expect(try evidence(dryRun)["files"] == 1)
        #expect(try evidence(dryRun)["kept_open_files"] == 1)

        let other = try await Site()
        try TestFiles.write(other.root + "/a")
        let result = try await other.run { _ = open(other.root + "/a", O_RDONLY | O_CLOEXEC) }
        #expect(TestFiles.exists(other.root + "/a"))
        #expect(result.errorMessage?.contains("a program has it open") == true)
    }

    @Test func takesNamesOfAnyBytes() async throws {
        let site = try await Site()
        try TestFiles.write(Array((site.root + "/new\nline").utf8))
        try TestFiles.write(Array((site.root + "/").utf8) + [0xff, 0xfe])
        let result = try await site.bench.run(site.request(), site.optimization)
        #expect(try site.quarantined().count == 2)
        let rollback = String(decoding: try #require(result.rollback), as: UTF8.self)
        #expect(rollback.contains(#""original_bytes":"fffe""#))
        #expect(rollback.contains(#"new\nline"#))
    }

    @Test func neverTouchesTheStateFolder() async throws {
        let site = try await Site()
        var configuration = site.configuration
        configuration.roots = [site.bench.folder.path]
        configuration.temporaryRoots = [site.bench.folder.path]
        try TestFiles.write(site.bench.stateFolder + "/mine")
        try TestFiles.write(site.root + "/a")
        let optimization = DiskOptimization(configuration: configuration)
        let result = try await site.bench.run(site.request(), optimization)
        #expect(TestFiles.exists(site.bench.stateFolder + "/mine"))
        #expect(!TestFiles.exists(site.root + "/a"))
        #expect(result.status == .completed)
    }

    @Test func refusesProtectedAndRelativeRoots() async throws {
        let site = try await Site()
        var configuration = site.configuration
        configuration.roots = ["/", "relative", "/tmp/../etc", "/etc", site.bench.stateFolder]
        configuration.temporaryRoots = ["/etc", "/", site.bench.stateFolder]
        let policy = PathPolicy(stateFolder: site.bench.stateFolder, homeFolder: nil)
        for target in CleaningTarget.all(configuration, policy) { #expect(target.objection != nil) }
        #expect(policy.objection(to: "/etcetera") == nil)
        #expect(policy.objection(to: "/etc/x") != nil)
    }

    @Test func saysWhenItDidNotLookAtEverything() async throws {
        let site = try await Site()
        for number in 0..<20 { try TestFiles.write("\(site.root)/\(number)") }
        var configuration = site.configuration
        configuration.maximumEntries = 10
        let result = try await site.bench.run(
            site.request(isDryRun: true), DiskOptimization(configuration: configuration))
        #expect(try evidence(result)["truncated"] == true)
        #expect(try evidence(result)["files"] == 10)
    }

    @Test func findsPackageArchivesAndNothingElseBesideThem() async throws {
        let site = try await Site()
        let archives = site.root + "/archives"
        try TestFiles.makeFolder(archives)
        try TestFiles.makeFolder(archives + "/partial")
        try TestFiles.write(archives + "/a.deb")
        try TestFiles.write(archives + "/lock", "")
        try TestFiles.write(archives + "/partial/b.deb")
        var configuration = site.configuration
        configuration.temporaryRoots = []
        _ = try await site.bench.run(site.request(), DiskOptimization(configuration: configuration))
        #expect(try TestFiles.snapshot(archives).keys.sorted() == ["lock", "partial", "partial/b.deb"])
    }

    @Test func aMoveThatWasNotWrittenDownIsFoundDone() async throws {
        let site = try await Site()
        try TestFiles.write(site.root + "/a")
        let folder = try Folder.open(site.root)
        let status = try folder.status(of: Array("a".utf8))
        let state = try Folder.open(site.bench.stateFolder)
        let quarantine = try Quarantine(
            in: state, at: site.bench.stateFolder, named: Array("quarantine".utf8), session: "../t1")
        #expect(quarantine.path == site.bench.stateFolder + "/quarantine/%2e%2e%2ft1")
        let mover = FileMover(folder: folder, quarantine: quarantine, step: 0, unusedSince: .max)
        let item = JournalItem(
            number: 0, item: PlannedItem(target: Array("a".utf8), bytes: 0, facts: status.facts), state: .planned)
        let none = OpenFiles(procFolder: "/nonexistent", device: 0)
        #expect(mover.setAside(item, openFiles: none).state == .quarantined)
        #expect(mover.setAside(item, openFiles: none).state == .quarantined)
        #expect(mover.purge(item, openFiles: none).state == .purged)
        #expect(mover.purge(item, openFiles: none).state == .purged)
        #expect(mover.setAside(item, openFiles: none).state == .leftAlone)
    }

    @Test func aFileThatWasOpenedBeforeItWasMovedIsPutBackAndNotPurged() async throws {
        let site = try await Site()
        try TestFiles.makeFolder(site.root + "/sub")
        try TestFiles.write(site.root + "/sub/a")
        let folder = try Folder.open(site.root)
        let status = try folder.folder(Array("sub".utf8)).status(of: Array("a".utf8))
        let quarantine = try Quarantine(
            in: try Folder.open(site.bench.stateFolder), at: site.bench.stateFolder,
            named: Array("quarantine".utf8), session: "t1")
        let mover = FileMover(folder: folder, quarantine: quarantine, step: 0, unusedSince: .max)
        let item = JournalItem(
            number: 0, item: PlannedItem(target: Array("sub/a".utf8), bytes: 0, facts: status.facts), state: .planned)
        let moved = mover.setAside(item, openFiles: OpenFiles(procFolder: "/nonexistent", device: 0))
        #expect(moved.state == .quarantined)
        let descriptor = open(site.bench.stateFolder + "/quarantine/t1/0-0", O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        let openFiles = OpenFiles(procFolder: "/proc", device: status.device)
        let kept = mover.purge(moved, openFiles: openFiles)
        #expect(kept.state == .leftAlone)
        #expect(kept.detail == "a program has it open")
        #expect(TestFiles.read(site.root + "/sub/a") == "old")
        #expect(try site.quarantined().isEmpty)

        // Where another file has its name by now, it stays in quarantine.
        let again = mover.setAside(
            JournalItem(
                number: 1,
                item: PlannedItem(
                    target: Array("sub/a".utf8), bytes: 0,
                    facts: try folder.folder(Array("sub".utf8)).status(of: Array("a".utf8)).facts), state: .planned),
            openFiles: OpenFiles(procFolder: "/nonexistent", device: 0))
        try TestFiles.write(site.root + "/sub/a", "another")
        #expect(mover.purge(again, openFiles: openFiles).state == .quarantined)
        #expect(try site.quarantined() == ["0-1"])
        #expect(TestFiles.read(site.root + "/sub/a") == "another")
    }

    /// Earlier versions tried a move with these names to find out whether it works.
    @Test(arguments: [false, true]) func movesNothingThatWasNotPlanned(isFolder: Bool) async throws {
        let site = try await Site()
        try TestFiles.write(site.root + "/a")
        let planted = site.root + "/.flotilla-nothing"
        let result = try await site.run {
            if isFolder { try TestFiles.makeFolder(planted) } else { try TestFiles.write(planted, "planted") }
        }
        #expect(result.status == .completed)
        #expect(try TestFiles.snapshot(site.root).keys.sorted() == [".flotilla-nothing"])
        #expect(isFolder || TestFiles.read(planted) == "planted")
        #expect(try site.quarantined() == ["0-0"])
    }

    @Test func aMountIsTheSameForItsFolders() throws {
        let root = try Folder.open("/")
        let proc = try Folder.open("/proc")
        #expect(root.mount() == (try Folder.open("/")).mount())
        #expect(root.mount() == nil || root.mount() != proc.mount())
    }

    @Test func theQuarantineIsInTheFolderWhenTheStateIsOnAnotherFileSystem() async throws {
        var template = Array("/dev/shm/flotilla-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let state = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { rmdir(state) }
        let site = try await Site()
        try TestFiles.write(site.root + "/a")
        var configuration = site.configuration
        configuration.stateFolder = state
        _ = try await site.bench.run(site.request(), DiskOptimization(configuration: configuration))
        #expect(TestFiles.read(site.root + "/.flotilla-quarantine/t1/0-0") == "old")
        // What is in quarantine is not found again.
        let again = try await site.bench.run(
            site.bench.request("t2", type: "disk", isDryRun: true), DiskOptimization(configuration: configuration))
        #expect(try evidence(again)["files"] == 0)
    }

    @Test func aQuarantineOfAnotherUserOrOpenToOthersIsRefused() async throws {
        let site = try await Site()
        try TestFiles.makeFolder(site.root + "/.flotilla-quarantine")
        let root = try Folder.open(site.root)
        #expect(throws: OptimizationError.self) {
            try Quarantine(in: root, at: site.root, named: Quarantine.folderName, session: "t1")
        }
        #expect(rmdir(site.root + "/.flotilla-quarantine/t1") == 0)
        #expect(rmdir(site.root + "/.flotilla-quarantine") == 0)
        #expect(symlink("/etc", site.root + "/.flotilla-quarantine") == 0)
        #expect(throws: OptimizationError.self) {
            try Quarantine(in: root, at: site.root, named: Quarantine.folderName, session: "t1")
        }
    }
}
