import BusTestKit
import Glibc
import Testing

/// Ten thousand clients that connect and say nothing, or one request and then nothing.
@Suite(.serialized) struct IdleClientsTests {
    private static let count = 10_000
    /// Descriptors of this process for everything else.
    private static let spare = 500
    /// Resident memory that one idle connection may cost.
    private static let mostBytes = 24_000

    @Test(.enabled(if: canOpen(count + spare), "fewer than 10,500 descriptors are allowed here"))
    func tenThousandIdleConnectionsAreBorneAndReleased() async throws {
        let state = try TemporaryFolder()
        let fleet = try await Fleet.up(state.path)
        let pid = fleet.process.pid
        try await onThread {
            let client = try fleet.client()
            #expect(try client.send("GET", "/health").status == 200)
            let before = try residentBytes(pid)
            let descriptors = try openDescriptors(pid)
            let request = Array("GET /health HTTP/1.1\r\nHost: t\r\n\r\n".utf8)
            var idle: [Int32] = []
            defer { for descriptor in idle { close(descriptor) } }
            for number in 0..<Self.count {
                // Behind an answer the kernel's queue is empty: beyond its 511 a connection takes a second.
                if number % 256 == 255 { #expect(try fleet.client().send("GET", "/health").status == 200) }
                let descriptor = try connected(fleet.port)
                idle.append(descriptor)
                // Every other one has been served and waits for its next request.
                if number % 2 == 0 {
                    guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
                        throw ChildFailure("send: errno \(errno)")
                    }
                }
            }
            // On new connections: the kernel hands them over in order, so that all others have been taken by then.
            let clock = ContinuousClock()
            var slowest = Duration.zero
            for _ in 0..<20 {
                let begun = clock.now
                let answer = try fleet.client().send("GET", "/health")
                slowest = max(slowest, clock.now - begun)
                #expect(answer.status == 200)
            }
            #expect(slowest < .seconds(1), "a request took \(slowest)")
            #expect(try client.send("GET", "/auth/me").status == 200)
            #expect(try openDescriptors(pid) >= descriptors + Self.count)
            let each = (try residentBytes(pid) - before) / Self.count
            print("an idle connection costs \(each) bytes of resident memory; a request beside 10,000 took \(slowest)")
            #expect(each < Self.mostBytes)
        }
        _ = try await eventually("all connections are released", seconds: 20) {
            try openDescriptors(pid) < 500 ? true : nil
        }
        #expect(try await fleet.stop() == 0)
    }
}

/// Whether this process may open so many files; raises its limit to that.
private func canOpen(_ count: Int) -> Bool {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(resource, &limit) == 0 else { return false }
    if limit.rlim_cur >= rlim_t(count) { return true }
    guard limit.rlim_max >= rlim_t(count) else { return false }
    limit.rlim_cur = rlim_t(count)
    return setrlimit(resource, &limit) == 0
}

private func connected(_ port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let result = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard descriptor >= 0, result == 0 else {
        let code = errno
        if descriptor >= 0 { close(descriptor) }
        throw ChildFailure("connect: errno \(code)")
    }
    return descriptor
}

/// VmRSS of a process (proc_pid_status(5)), in bytes.
private func residentBytes(_ pid: pid_t) throws -> Int {
    guard let file = fopen("/proc/\(pid)/status", "re") else { throw ChildFailure("no status of \(pid)") }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard text.hasPrefix("VmRSS:") else { continue }
        if let kilobytes = text.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) {
            return kilobytes * 1024
        }
    }
    throw ChildFailure("no resident memory of \(pid)")
}

private func openDescriptors(_ pid: pid_t) throws -> Int {
    guard let folder = opendir("/proc/\(pid)/fd") else { throw ChildFailure("no descriptors of \(pid)") }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    return count
}
