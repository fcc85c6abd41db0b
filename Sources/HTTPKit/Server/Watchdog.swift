import CHTTP
import CSystem
import Glibc
import Synchronization

/// One thread that does what the event loops can't: it closes connections whose deadlines have passed, notices clients
/// that leave while their connection is suspended, lets early answers reach clients that are still sending, and stops
/// the daemon, which blocks.
final class Watchdog: Sendable {
    /// Most sockets that linger at once; beyond them an early answer may be lost.
    private static let maximumLingering = 256
    private static let lingerNanoseconds: Int64 = 1_000_000_000
    private static let lingerBytes = 4 << 20
    /// Marks the wake descriptor and lingering sockets among the events, whose data is otherwise a connection's id.
    private static let wakeMark = UInt64.max
    private static let lingerMark: UInt64 = 1 << 63

    private struct Lingering {
        let until: Int64
        var bytes = 0
    }

    private struct Requests {
        var lingering: [Int32] = []
        var lingeringCount = 0
        var stop: (@Sendable () -> Void)?
    }

    private let poller: Int32
    private let wakeup: Int32
    private let connections: ConnectionTable
    private let timeouts: Timeouts
    private let requests = Mutex(Requests())

    init(connections: ConnectionTable, timeouts: Timeouts) throws(HTTPServerError) {
        self.connections = connections
        self.timeouts = timeouts
        poller = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeup = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard poller >= 0, wakeup >= 0 else {
            let error = errno
            if poller >= 0 { Glibc.close(poller) }
            throw HTTPServerError(code: .startFailed, message: "The server can't open an epoll set.", errno: error)
        }
        add(wakeup, events: EPOLLIN.rawValue, mark: Self.wakeMark)
    }

    deinit {
        Glibc.close(poller)
        Glibc.close(wakeup)
    }

    /// Starts the thread; it ends after `stop`.
    func start() throws(HTTPServerError) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Watchdog>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            context.release()
            throw HTTPServerError(code: .startFailed, message: "The server can't start a thread.", errno: status)
        }
        pthread_detach(thread)
    }

    /// Runs `action`, which may block, as the thread's last act.
    func stop(_ action: @escaping @Sendable () -> Void) {
        requests.withLock { $0.stop = action }
        wake()
    }

    /// Makes the thread look at the clock again: the first connection has come.
    func wake() {
        var one: UInt64 = 1
        _ = write(wakeup, &one, 8)
    }

    /// Watches for the client's leaving.
    func watch(_ client: ClientConnection) {
        add(client.descriptor, events: EPOLLRDHUP.rawValue | EPOLLET.rawValue, mark: client.id)
    }

    /// Takes over a copy of a socket that the library is about to close, to read what the client still sends for a
    /// second: a close with unread bytes would reset the connection and destroy the answer on its way.
    func linger(_ descriptor: Int32) {
        remove(descriptor)
        let isRoom = requests.withLock { requests in
            guard requests.lingeringCount < Self.maximumLingering else { return false }
            requests.lingeringCount += 1
            return true
        }
        guard isRoom else { return }
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else {
            requests.withLock { $0.lingeringCount -= 1 }
            return
        }
        requests.withLock { $0.lingering.append(copy) }
        wake()
    }

    private func add(_ descriptor: Int32, events: UInt32, mark: UInt64) {
        var event = epoll_event()
        event.events = events
        event.data.u64 = mark
        epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event)
    }

    private func remove(_ descriptor: Int32) {
        var event = epoll_event()
        epoll_ctl(poller, EPOLL_CTL_DEL, descriptor, &event)
    }

    private func run() {
        var lingering: [Int32: Lingering] = [:]
        var events = [epoll_event](repeating: epoll_event(), count: 128)
        var nextLook: Int64 = 0
        while true {
            let isWaiting = connections.isEmpty && lingering.isEmpty
            let count = epoll_wait(poller, &events, 128, isWaiting ? -1 : timeouts.tickMilliseconds)
            let now = Monotonic.now
            for event in events.prefix(max(0, Int(count))) {
                if event.data.u64 == Self.wakeMark {
                    var value: UInt64 = 0
                    _ = read(wakeup, &value, 8)
                } else if event.data.u64 & Self.lingerMark != 0 {
                    discard(Int32(truncatingIfNeeded: event.data.u64), &lingering)
                } else if let client = connections.client(event.data.u64) {
                    notice(client, events: event.events)
                }
            }
            let (new, stop) = requests.withLock { requests in
                defer { requests.lingering = [] }
                return (requests.lingering, requests.stop)
            }
            for descriptor in new {
                lingering[descriptor] = Lingering(until: now + Self.lingerNanoseconds)
                let mark = Self.lingerMark | UInt64(UInt32(bitPattern: descriptor))
                add(descriptor, events: EPOLLIN.rawValue | EPOLLRDHUP.rawValue, mark: mark)
            }
            if now >= nextLook {
                nextLook = now + Int64(timeouts.tickMilliseconds) * 1_000_000
                _ = connections.shutdownExpired(now: now)
                for (descriptor, state) in lingering where state.until <= now { forget(descriptor, &lingering) }
            }
            if let stop {
                for descriptor in lingering.keys { forget(descriptor, &lingering) }
                stop()
                return
            }
        }
    }

    /// Tells the exchange that its client has left; the event loop notices by itself when it isn't suspended.
    private func notice(_ client: ClientConnection, events: UInt32) {
        client.hasLeft.store(true, ordering: .sequentiallyConsistent)
        let isBroken = events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0
        client.exchange?.clientLeft(isBroken: isBroken)
    }

    private func discard(_ descriptor: Int32, _ lingering: inout [Int32: Lingering]) {
        let count = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            chttp_receive(descriptor, buffer.baseAddress, buffer.count)
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        lingering[descriptor]?.bytes += max(0, count)
        if count <= 0 || lingering[descriptor].map({ $0.bytes > Self.lingerBytes }) ?? true {
            forget(descriptor, &lingering)
        }
    }

    private func forget(_ descriptor: Int32, _ lingering: inout [Int32: Lingering]) {
        guard lingering.removeValue(forKey: descriptor) != nil else { return }
        requests.withLock { $0.lingeringCount -= 1 }
        // By itself the set forgets a descriptor only when its socket is closed, and the library may still hold that: an
        // event that came later would be taken for one of whatever has the number then.
        remove(descriptor)
        Glibc.close(descriptor)
    }
}
