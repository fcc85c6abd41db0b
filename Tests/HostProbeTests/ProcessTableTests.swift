import Glibc
import Testing

@testable import HostProbe

@Suite struct ProcessTableTests {
    private let clock = StepClock()

    private func table(
        _ root: FixtureRoot, limit: Int = ProcessTable.limit, users: UserNames = UserNames { $0 == 0 ? "root" : nil }
    ) -> ProcessTable {
        ProcessTable(root: root.path, monotonic: clock.read, limit: limit, users: users)
    }

    private func write(
        _ root: FixtureRoot, _ pid: Int, name: String = "a", ticks: Int = 0, start: Int = 100
    ) throws {
        try root.write(
            "/proc/\(pid)/stat",
            "\(pid) (\(name)) S 1 1 1 0 -1 0 0 0 0 0 \(ticks) 0 0 0 20 0 1 0 \(start) 4096 25 0\n")
    }

    @Test func listsProcessesAndNothingElse() throws {
        let root = try FixtureRoot()
        try root.write("/proc/stat", "cpu 1\n")
        try root.write("/proc/1x/stat", "no process")
        try write(root, 1, name: "init")
        try write(root, 23, name: "two)\nlines", ticks: 9)
        // Ended between the listing and the opening.
        try root.makeFolder("/proc/24")
        try root.write("/proc/25/stat", "25 (cut")
        let reading = try table(root).read()
        #expect(reading.processes.map(\.identity.pid).sorted() == [1, 23])
        #expect(reading.processes.first { $0.identity.pid == 23 }?.name == "two)\nlines")
        #expect(reading.unreadable == 1)
        #expect(!reading.isCut)
        #expect(reading.at == clock.now)
        #expect(reading.processorTicks[ProcessIdentity(pid: 23, startTicks: 100)] == 9)
    }

    @Test func seesWhatComesAndGoes() throws {
        let root = try FixtureRoot()
        try write(root, 1)
        let table = table(root)
        #expect(try table.read().processes.count == 1)
        try write(root, 2)
        #expect(try table.read().processes.count == 2)
        root.remove("/proc/1/stat")
        #expect(try table.read().processes.map(\.identity.pid) == [2])
    }

    @Test func isBounded() throws {
        let root = try FixtureRoot()
        for pid in 1...5 { try write(root, pid) }
        let reading = try table(root, limit: 3).read()
        #expect(reading.processes.count == 3)
        #expect(reading.isCut)
        #expect(try !table(root, limit: 5).read().isCut)
    }

    @Test func saysWhyThereIsNoTable() throws {
        let root = try FixtureRoot()
        let table = table(root)
        #expect(throws: ProbeError(.missing, source: "/proc", underlyingCode: ENOENT)) { try table.read() }
        try write(root, 1)
        #expect(try table.read().processes.count == 1)
    }

    @Test func readsDetailsThatAreAskedFor() throws {
        let root = try FixtureRoot()
        let process = ProcessIdentity(pid: 9, startTicks: 100)
        try write(root, 9)
        try root.write("/proc/9/cmdline", "python3\0-m\0a b\0\0")
        try root.write("/proc/9/status", "Name:\ta\nUmask:\t0022\nUid:\t1000\t0\t1000\t1000\nGid:\t5\t5\t5\t5\n")
        try root.write("/proc/9/io", "rchar: 1\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 0\n")
        for descriptor in 0..<3 { try root.write("/proc/9/fd/\(descriptor)", "") }
        let table = table(root)
        #expect(try table.details(of: process, []) == ProcessDetails())
        let all: ProcessDetails.Parts = [.commandLine, .user, .transfers, .openFiles]
        #expect(
            try table.details(of: process, all)
                == ProcessDetails(
                    commandLine: "python3 -m a b", user: "root",
                    transfers: ProcessTransfers(readBytes: 4096, writtenBytes: 8192), openFiles: 3))
    }

    @Test func whatIsMissingOrMalformedIsUnknown() throws {
        let root = try FixtureRoot()
        let process = ProcessIdentity(pid: 9, startTicks: 100)
        let all: ProcessDetails.Parts = [.commandLine, .user, .transfers, .openFiles]
        try write(root, 9)
        let table = table(root)
        #expect(try table.details(of: process, all) == ProcessDetails())
        try root.write("/proc/9/cmdline", "")
        try root.write("/proc/9/status", "Name:\ta\nUid:\tx\n")
        try root.write("/proc/9/io", "read_bytes: 4096\n")
        #expect(try table.details(of: process, all) == ProcessDetails())
        try root.write("/proc/9/status", "Name:\ta\nUid:\t7\t4711\t7\t7\n")
        #expect(try table.details(of: process, all)?.user == "4711")
    }

    @Test func anotherProcessWithTheSameNumberIsAnother() throws {
        let root = try FixtureRoot()
        try write(root, 9, start: 100)
        try root.write("/proc/9/cmdline", "first")
        let table = table(root)
        let first = ProcessIdentity(pid: 9, startTicks: 100)
        #expect(try table.details(of: first, .commandLine)?.commandLine == "first")
        try write(root, 9, start: 200)
        #expect(try table.details(of: first, .commandLine) == nil)
        root.remove("/proc/9/stat")
        #expect(try table.details(of: first, .commandLine) == nil)
        #expect(try table.details(of: ProcessIdentity(pid: 10, startTicks: 1), .commandLine) == nil)
    }

    @Test func aLongCommandLineIsCut() throws {
        let root = try FixtureRoot()
        try write(root, 9)
        try root.write("/proc/9/cmdline", String(repeating: "x", count: 10_000))
        let details = try table(root).details(of: ProcessIdentity(pid: 9, startTicks: 100), .commandLine)
        #expect(details?.commandLine?.utf8.count == ProcessTable.commandLineBytes)
    }

    @Test func namesOfUsersAreLookedUpOnce() {
        var looked: [UInt32] = []
        let users = UserNames { user in
            looked.append(user)
            return user == 0 ? "root" : nil
        }
        #expect([0, 5, 0, 5].map(users.name) == ["root", "5", "root", "5"])
        #expect(looked == [0, 5])
        for user in 0..<3000 as Range<UInt32> { _ = users.name(of: user) }
        #expect(users.name(of: 2999) == "2999")
    }

    @Test func readsTimeOfBoot() throws {
        let root = try FixtureRoot()
        try root.write("/proc/stat", "cpu  1 2 3\nintr 5 6\nbtime 1763721000\nprocesses 5\n")
        #expect(try BootTimeProbe(root: root.path).read(ReadBuffer()) == 1_763_721_000)
        try root.write("/proc/stat", "cpu  1 2 3\n")
        #expect(throws: ProbeError(.malformed, source: "/proc/stat")) {
            try BootTimeProbe(root: root.path).read(ReadBuffer())
        }
    }

    /// This process, a child that has ended and is not waited for, and one that is gone.
    /// How many files named `/proc/<pid>/stat` this process has open: of one process, or of any.
    private func openFiles(of pid: Int32? = nil) throws -> Int {
        let folder = try #require(opendir("/proc/self/fd"))
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            var target = [CChar](repeating: 0, count: 256)
            let length = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                readlinkat(dirfd(folder), name.baseAddress!.assumingMemoryBound(to: CChar.self), &target, 255)
            }
            let text = String(decoding: target.prefix(max(length, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("/proc/"), text.hasSuffix("/stat") else { continue }
            let number = Int32(text.dropFirst("/proc/".count).dropLast("/stat".count))
            if number != nil, pid == nil || number == pid { count += 1 }
        }
        return count
    }

    @Test func keepsFilesOfTheKernelOpenUntilTheirProcessesEnd() throws {
        let before = try openFiles()
        do {
            var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("600"), nil]
            defer { for argument in arguments { free(argument) } }
            var pid: pid_t = 0
            try #require(posix_spawn(&pid, "/bin/sleep", nil, nil, &arguments, nil) == 0)
            let table = ProcessTable()
            let child = try #require(try table.read().processes.first { $0.identity.pid == pid }).identity
            #expect(try openFiles(of: pid) == 1)
            #expect(try table.read().processes.contains { $0.identity == child })
            #expect(try table.details(of: child, []) != nil)
            #expect(try openFiles(of: pid) == 1)
            kill(pid, SIGKILL)
            try #require(waitpid(pid, nil, 0) == pid)
            #expect(try table.details(of: child, []) == nil)
            #expect(try !table.read().processes.contains { $0.identity == child })
            #expect(try openFiles(of: pid) == 0)
            #expect(try openFiles() <= before + KeptDescriptors.limit)
        }
        // The table is gone.
        #expect(try openFiles() == before)
    }

    @Test func keepsSoManyFilesAndClosesThoseThatNobodyAsksFor() throws {
        var kept = KeptDescriptors()
        kept.beginPass()
        for pid in 0..<Int32(KeptDescriptors.limit) {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            try #require(descriptor >= 0)
            let isKept = kept.keep(descriptor, of: pid)
            #expect(isKept)
        }
        let isOneMoreKept = kept.keep(0, of: -1)
        #expect(!isOneMoreKept)
        kept.endPass()
        let first = try descriptor(kept[7])
        kept.beginPass()
        let again = try descriptor(kept[7])
        kept.endPass()
        #expect(again == first)
        #expect(fcntl(first, F_GETFD) >= 0)
        let other = kept[8]
        #expect(other == nil)
        kept.close(7)
        let closed = kept[7]
        #expect(closed == nil)
        #expect(fcntl(first, F_GETFD) < 0)
    }

    private func descriptor(_ kept: Int32?) throws -> Int32 { try #require(kept) }

    @Test func readsTheKernel() throws {
        let table = ProcessTable()
        var child = pid_t()
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/true"), nil]
        defer { free(arguments[0]) }
        try #require(posix_spawn(&child, "/bin/true", nil, nil, &arguments, nil) == 0)
        // Ended, and not yet asked how.
        var information = siginfo_t()
        try #require(waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT) == 0)
        let reading = try table.read()
        let zombie = try #require(reading.processes.first { $0.identity.pid == child })
        #expect(zombie.state == .zombie)
        #expect(zombie.parent == getpid())
        #expect(try table.details(of: zombie.identity, .commandLine)?.commandLine == nil)
        waitpid(child, nil, 0)
        #expect(try table.details(of: zombie.identity, .commandLine) == nil)

        let own = try #require(reading.processes.first { $0.identity.pid == getpid() })
        #expect(own.parent == getppid())
        #expect(own.threads >= 1)
        #expect(own.residentPages > 0)
        let details = try #require(
            try table.details(of: own.identity, [.commandLine, .user, .transfers, .openFiles]))
        #expect(details.commandLine?.contains("xctest") == true || details.commandLine?.contains("swift") == true)
        #expect(try #require(details.openFiles) >= 3)
        #expect(details.user?.isEmpty == false)
    }
}
