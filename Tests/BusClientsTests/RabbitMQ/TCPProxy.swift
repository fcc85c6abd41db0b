import BusTestKit
import Glibc
import Runtime
import Synchronization

/// A relay between a client and a broker that a test can make deaf, dumb or dead.
///
/// One thread relays everything; it sleeps in `poll`.
final class TCPProxy: Sendable {
    /// What becomes of bytes.
    enum Mode: Sendable {
        case relay
        /// Nothing passes and nobody is told, as when packets are dropped.
        case freeze
        /// What the broker says is thrown away.
        case deafen
        /// Connections are closed and no new ones are relayed.
        case cut
    }

    let port: UInt16
    private let listener: Int32
    /// A pipe that wakes the thread: it reads the first end.
    private let wakeup: [Int32]
    private let target: UInt16
    private let mode = Mutex(Mode.relay)
    private let isEnded = Mutex(false)
    private let thread = BlockingThread(name: "tcp-proxy")

    init(to target: UInt16) throws {
        self.target = target
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ConformanceFailure("no pipe: errno \(errno)") }
        wakeup = ends
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { [listener] in
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isListening else { throw ConformanceFailure("no proxy: errno \(errno)") }
        port = UInt16(bigEndian: address.sin_port)
        thread.submit { self.run() }
    }

    func set(_ mode: Mode) {
        self.mode.withLock { $0 = mode }
        wake()
    }

    func end() {
        isEnded.withLock { $0 = true }
        wake()
        thread.stop()
        for end in wakeup { close(end) }
    }

    private func wake() {
        var one: UInt8 = 1
        _ = write(wakeup[1], &one, 1)
    }

    private func run() {
        var pairs: [(client: Int32, broker: Int32)] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        func drop(_ index: Int) {
            close(pairs[index].client)
            close(pairs[index].broker)
            pairs.remove(at: index)
        }
        while !isEnded.withLock({ $0 }) {
            let mode = mode.withLock { $0 }
            if mode == .cut { while !pairs.isEmpty { drop(0) } }
            var descriptors = [pollfd(fd: wakeup[0], events: Int16(POLLIN), revents: 0)]
            if mode != .freeze {
                descriptors.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
                for pair in pairs {
                    for fd in [pair.client, pair.broker] {
                        descriptors.append(pollfd(fd: fd, events: Int16(POLLIN), revents: 0))
                    }
                }
            }
            poll(&descriptors, nfds_t(descriptors.count), -1)
            if descriptors[0].revents != 0 { _ = read(wakeup[0], &buffer, buffer.count) }
            guard mode != .freeze else { continue }
            for index in pairs.indices.reversed() {
                let sides = [(pairs[index].client, pairs[index].broker), (pairs[index].broker, pairs[index].client)]
                for (side, (from, to)) in sides.enumerated() where descriptors[2 + 2 * index + side].revents != 0 {
                    let count = recv(from, &buffer, buffer.count, 0)
                    let isKept = side == 0 || mode != .deafen
                    if count <= 0 || isKept && send(to, buffer, count, Int32(MSG_NOSIGNAL)) != count {
                        drop(index)
                        break
                    }
                }
            }
            if descriptors[1].revents != 0 { accept(mode, into: &pairs) }
        }
        while !pairs.isEmpty { drop(0) }
        close(listener)
    }

    private func accept(_ mode: Mode, into pairs: inout [(client: Int32, broker: Int32)]) {
        let client = Glibc.accept(listener, nil, nil)
        let broker = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(target)
        let isConnected = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(broker, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if mode != .cut, client >= 0, isConnected {
            pairs.append((client, broker))
        } else {
            close(client)
            close(broker)
        }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
