import Glibc
import Synchronization
import Testing

@testable import HostProbe

@Suite struct FileSystemProbeTests {
    /// Paths that hang until they are released.
    private final class Server: Sendable {
        let hanging: Mutex<Set<String>>
        let asked = Mutex<[String]>([])

        init(hanging: Set<String>) { self.hanging = Mutex(hanging) }

        func space(_ path: String) throws(ProbeError) -> FileSystemSpace {
            asked.withLock { $0.append(path) }
            while hanging.withLock({ $0.contains(path) }) { usleep(1000) }
            if path.hasSuffix("/forbidden") { throw ProbeError(.unreadable, source: path, underlyingCode: EACCES) }
            if path.hasSuffix("/empty") { return FileSystemSpace(total: 0, free: 0, available: 0) }
            return FileSystemSpace(total: 1000, free: 500, available: 300, inodes: 100, freeInodes: 75)
        }

        func release() { hanging.withLock { $0.removeAll() } }
    }

    private func table(_ paths: [String]) -> String {
        paths.enumerated().map { "\($0 + 1) 0 8:\($0) / \($1) rw - ext4 /dev/sd\($0) rw\n" }.joined()
    }

    private func probe(
        _ paths: [String], hanging: Set<String> = []
    ) throws -> (FileSystemProbe, Server, FixtureRoot) {
        let root = try FixtureRoot()
        try root.write("/proc/self/mountinfo", table(paths))
        let prefix = root.path
        let server = Server(hanging: Set(hanging.map { prefix + $0 }))
        let probe = FileSystemProbe(root: root.path, patience: 20_000_000) { path throws(ProbeError) in
            try server.space(path)
        }
        return (probe, server, root)
    }

    private let buffer = ReadBuffer()

    @Test func readsTheSpaceAsDfDoes() throws {
        let (probe, _, root) = try probe(["/", "/data"])
        let usages = try probe.read(buffer)
        #expect(usages.map(\.mount.path) == ["/", "/data"])
        let space = try #require(usages[0].space)
        #expect(space.used == 500)
        #expect(space.usedPercent == 62.5)
        #expect(space.inodesUsedPercent == 25)
        _ = root
    }

    @Test func readsTheRealSpaceOfAFolder() throws {
        let root = try FixtureRoot()
        try root.makeFolder("/data")
        try root.write("/proc/self/mountinfo", table(["/data", "/gone"]))
        let usages = try FileSystemProbe(root: root.path).read(buffer)
        #expect(try #require(usages.first?.space).total > 0)
        #expect(usages.last?.space == nil)
        #expect(usages.last?.problem == ProbeError(.unreadable, source: "/gone", underlyingCode: ENOENT))
    }

    @Test func saysWhyAFileSystemIsUnknownAndLeavesOutThoseWithoutBlocks() throws {
        let (probe, _, root) = try probe(["/forbidden", "/empty", "/fine"])
        let usages = try probe.read(buffer)
        #expect(usages.map(\.mount.path) == ["/forbidden", "/fine"])
        #expect(usages[0].problem == ProbeError(.unreadable, source: "/forbidden", underlyingCode: EACCES))
        _ = root
    }

    @Test func givesUpAHungMountAndReadsTheOthers() throws {
        let (probe, server, root) = try probe(["/", "/nfs", "/data"], hanging: ["/nfs"])
        let usages = try probe.read(buffer)
        func state(_ path: String, in usages: [FileSystemUsage]) -> ProbeError.Code? {
            usages.first { $0.mount.path == path }?.problem?.code
        }
        #expect(usages.count == 3)
        #expect(state("/nfs", in: usages) == .notAnswering)
        #expect(state("/", in: usages) == nil)
        #expect(state("/data", in: usages) == nil)

        // It is not asked again while that call hangs, and so costs no more patience.
        _ = try probe.read(buffer)
        _ = try probe.read(buffer)
        #expect(server.asked.withLock { asked in asked.filter { $0.hasSuffix("/nfs") }.count } == 1)

        server.release()
        let deadline = HostSampler.monotonicClock() + .seconds(10)
        while state("/nfs", in: try probe.read(buffer)) != nil, HostSampler.monotonicClock() < deadline {}
        #expect(state("/nfs", in: try probe.read(buffer)) == nil)
        _ = root
    }

    @Test func boundsTheThreadsThatHang() throws {
        let paths = (0..<8).map { "/nfs\($0)" }
        let (probe, server, root) = try probe(paths + ["/data"], hanging: Set(paths))
        let usages = try probe.read(buffer)
        #expect(usages.count == 9)
        #expect(usages.allSatisfy { $0.problem?.code == .notAnswering })
        _ = try probe.read(buffer)
        #expect(server.asked.withLock { $0.count } == FileSystemProbe.maximumStuckThreads)
        server.release()
        let deadline = HostSampler.monotonicClock() + .seconds(10)
        var answered = 0
        while answered < 9, HostSampler.monotonicClock() < deadline {
            answered = try probe.read(buffer).count { $0.space != nil }
        }
        #expect(answered == 9)
        _ = root
    }

    @Test func followsTheMountTable() throws {
        let (probe, _, root) = try probe(["/"])
        #expect(try probe.read(buffer).count == 1)
        try root.write("/proc/self/mountinfo", table(["/", "/data"]))
        #expect(try probe.read(buffer).map(\.mount.path) == ["/", "/data"])
    }
}
