import BusTestKit
import Glibc
import Runtime
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
        try await onThread {
            let client = try fleet.client()
            #expect(try client.send("POST", "/api/v1/commands", body: Self.command("before")).status == 200)
            try Self.fill(filler)
            var refused: HTTPClient.Answer?
            // The log in front of the database has room for some more.
            for index in 0..<20_000 {
                let answer = try client.send(
                    "POST", "/api/v1/commands", body: Self.command("filling-\(index)", padding: 4000))
                guard answer.status >= 300 else { continue }
                refused = answer
                break
            }
            #expect(refused?.status == 503, "\(refused?.text ?? "never refused")")
            #expect(refused?.headers["retry-after"] != nil)
            #expect(try client.send("GET", "/health", authorized: false).status == 200)
            unlink(filler)
        }
        try await withDeadline("the fleet takes commands again", seconds: 60) {
            while true {
                let thread = BlockingThread(name: "recovery")
                defer { thread.stop() }
                let status = try await thread.run {
                    try fleet.client().send("POST", "/api/v1/commands", body: Self.command("after")).status
                }
                if status == 200 { return }
                #expect(status == 503 || status == 202, "status \(status)")
                try Task.checkCancellation()
            }
        }
        #expect(try await fleet.stop() == 0)
        let again = try await Fleet.up(folder.path)
        #expect(try await again.stop() == 0)
    }

    private static func command(_ device: String, padding: Int = 0) -> String {
        let text = String(repeating: "x", count: padding)
        return #"{"device_id":"\#(device)","command_type":"t","payload":{"text":"\#(text)"},"protocol":"mqtt"}"#
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
