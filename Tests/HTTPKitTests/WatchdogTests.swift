import Glibc
import Testing

@testable import HTTPKit

@Suite struct WatchdogTests {
    /// The library still holds the socket when the watchdog has done with its copy: what the copy's number becomes next
    /// is not the watchdog's to read.
    @Test(.timeLimit(.minutes(1))) func doesNotReadADescriptorThatItHasClosed() async throws {
        let watchdog = try Watchdog(
            connections: ConnectionTable(), timeouts: Timeouts(HTTPServerConfiguration(host: "127.0.0.1", port: 0)))
        try watchdog.start()
        let closing = try SocketPair()
        let before = Set(Self.descriptors(of: closing.near))
        watchdog.linger(closing.near)
        let copies = Self.descriptors(of: closing.near).filter { !before.contains($0) }
        let copy = try #require(copies.first)
        closing.closeFar()
        while Self.descriptors(of: closing.near).contains(copy) { await Task.yield() }

        var others: [SocketPair] = []
        while !others.contains(where: { $0.both.contains(copy) }), others.count < 64 { others.append(try SocketPair()) }
        for descriptor in others.flatMap(\.both) { #expect(write(descriptor, "x", 1) == 1) }
        // Its thread has looked at every event that there was when it stops.
        await withCheckedContinuation { continuation in watchdog.stop { continuation.resume() } }
        for descriptor in others.flatMap(\.both) {
            var byte: UInt8 = 0
            #expect(recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT)) == 1)
        }
    }

    /// The numbers under which this process has the socket open.
    private static func descriptors(of descriptor: Int32) -> [Int32] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return [] }
        return (0..<Int32(4096)).filter { number in
            var other = stat()
            return fstat(number, &other) == 0 && other.st_ino == status.st_ino && other.st_dev == status.st_dev
        }
    }
}

/// Two connected sockets, closed when they go.
private final class SocketPair {
    let near: Int32
    let far: Int32
    private var isFarOpen = true
    var both: [Int32] { [near, far] }

    init() throws {
        var descriptors: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &descriptors) == 0)
        near = descriptors[0]
        far = descriptors[1]
    }

    func closeFar() {
        if isFarOpen { close(far) }
        isFarOpen = false
    }

    deinit {
        closeFar()
        close(near)
    }
}
