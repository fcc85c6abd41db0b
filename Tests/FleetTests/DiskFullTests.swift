import BusTestKit
import Glibc
import Synchronization
import Testing

/// A full disk is a 503, damages nothing, and passes without a restart.
@Suite(.serialized) struct DiskFullTests {
    /// Whether this process may mount: root with the right to, as CI is.
    static let canMount: Bool = {
        guard let folder = try? TemporaryFolder(), mount("tmpfs", folder.path, "tmpfs", 0, "size=1m") == 0 else {
            return false
        }
        umount(folder.path)
        return true
    }()

    @Test(.enabled(if: canMount, "mounting a small tmpfs needs CAP_SYS_ADMIN"))
    func answers503AndRecoversWithoutARestart() async throws {
        let folder = try TemporaryFolder()
        try #require(mount("tmpfs", folder.path, "tmpfs", 0, "size=48m") == 0)
        defer { umount2(folder.path, Int32(MNT_DETACH)) }
        let fleet = try await Fleet.up(folder.path)
        let filler = folder.path + "/filler"
        let record = Mutex(LoadRecord())
        try await onThread {
            let client = try fleet.client()
            #expect(try Self.send("before/1", client, record).status == 200)
            try Self.fill(filler)
            var refused: HTTPClient.Answer?
            // The log in front of the database has room for some more.
            for index in 0..<20_000 {
                let answer = try Self.send("filling/\(index)", client, record, padding: 4000)
                guard answer.status >= 300 else { continue }
                refused = answer
                break
            }
            #expect(refused?.status == 503, "\(refused?.text ?? "never refused")")
            #expect(refused?.headers["retry-after"] != nil)
            #expect(try client.send("GET", "/health", authorized: false).status == 200)
            unlink(filler)
        }
        try await onThread {
            // A refused write takes a second at most to be tried again by whoever holds it.
            for attempt in 0..<500 {
                let answer = try Self.send("after/\(attempt)", try fleet.client(), record)
                if answer.status == 200 { return }
                #expect([202, 503].contains(answer.status), "\(answer.text)")
                usleep(20_000)
            }
            Issue.record("the fleet takes no commands any more")
        }
        try await CommandLog.drained(folder.path)
        let log = try await CommandLog.read(folder.path)
        log.verify(record.withLock { $0 })
        #expect(try await fleet.stop() == 0)
        let again = try await Fleet.up(folder.path)
        #expect(try await again.stop() == 0)
    }

    /// Sends a command with that id to the device before its slash, and keeps what the answer was.
    private static func send(
        _ id: String, _ client: HTTPClient, _ record: borrowing Mutex<LoadRecord>, padding: Int = 0
    ) throws -> HTTPClient.Answer {
        let device = String(id.prefix { $0 != "/" })
        let text = String(repeating: "x", count: padding)
        let body =
            #"{"device_id":"\#(device)","command_type":"t","payload":{"text":"\#(text)"},"protocol":"mqtt","request_id":"\#(id)"}"#
        let answer = try client.send("POST", "/api/v1/commands", body: body)
        record.withLock { record in
            if answer.status < 300 {
                record.answered[device, default: []].append(id)
            } else {
                record.unanswered.insert(id)
            }
        }
        return answer
    }

    /// Writes until the disk is full.
    private static func fill(_ path: String) throws {
        let descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ChildFailure("open: errno \(errno)") }
        defer { close(descriptor) }
        let chunk = [UInt8](repeating: 1, count: 1 << 16)
        while write(descriptor, chunk, chunk.count) > 0 {}
    }
}
