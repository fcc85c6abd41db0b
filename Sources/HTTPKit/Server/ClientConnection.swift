import CHTTP
import Synchronization

/// One client's socket: who it is, what it does, and until when.
final class ClientConnection: Sendable {
    /// What the server waits for.
    enum Phase: UInt8 {
        case idle, headers, body, handler, writing
    }

    let id: UInt64
    let descriptor: Int32
    let peer: PeerAddress
    let core: ServerCore
    /// The TLS session points to them without owning them.
    private let credentials: TLSCredentials?
    private let deadline = Atomic<Int64>(.max)
    private let currentPhase = Atomic<UInt8>(Phase.headers.rawValue)
    private let currentExchange = Mutex<Exchange?>(nil)
    /// Whether the client has closed its sending side.
    let hasLeft = Atomic<Bool>(false)
    /// Whether at the watchdog's last look the client had left and its body was not whole.
    private let endedInBody = Atomic<Bool>(false)
    /// Whether unread bytes may follow an early answer, so that closing at once could destroy that answer.
    let lingers = Atomic<Bool>(false)
    /// The acknowledged bytes at the last look of the watchdog; -1 when it hasn't looked since the response began.
    private let acknowledged = Atomic<Int64>(-1)

    init(id: UInt64, connection: OpaquePointer, core: ServerCore) {
        self.id = id
        self.core = core
        descriptor = chttp_descriptor(connection)
        peer = PeerAddress(chttp_address(connection))
        credentials = core.credentials.current
        // The handshake has not begun: the session shows what is current now, not what the library was started with.
        if let credentials, let session = chttp_tls_session(connection) { credentials.use(on: session) }
        wait(.headers, until: Monotonic.now + core.timeouts.header)
    }

    /// The exchange in progress.
    var exchange: Exchange? { currentExchange.withLock { $0 } }

    var phase: Phase { Phase(rawValue: currentPhase.load(ordering: .relaxed)) ?? .handler }

    /// Enters a phase that ends by `time` or by a forced close; nil for no limit.
    func wait(_ phase: Phase, until time: Int64?) {
        currentPhase.store(phase.rawValue, ordering: .relaxed)
        if phase == .writing { acknowledged.store(-1, ordering: .relaxed) }
        deadline.store(time ?? .max, ordering: .releasing)
    }

    func begin(_ exchange: Exchange) {
        currentExchange.withLock { $0 = exchange }
    }

    func end() {
        currentExchange.withLock { $0 = nil }
    }

    /// Takes no further request: the library sees the end of its input. Event loop only.
    func refuse() {
        chttp_shutdown_input(descriptor)
    }

    /// Whether the deadline has passed and was not moved meanwhile, or the client has left in the middle of a body; asked
    /// by the watchdog, true once for a deadline.
    func expires(now: Int64) -> Bool {
        // The event loop may miss an end that comes together with the last bytes of a body that is not whole. What was
        // so at the last look already is not a client that has sent everything and whose last bytes are in hand.
        let hasEnded = phase == .body && hasLeft.load(ordering: .acquiring) && chttp_has_ended(descriptor) != 0
        if endedInBody.exchange(hasEnded, ordering: .relaxed), hasEnded { return true }
        let seen = deadline.load(ordering: .acquiring)
        guard seen <= now else { return false }
        guard deadline.compareExchange(expected: seen, desired: .max, ordering: .acquiringAndReleasing).exchanged else {
            return false
        }
        guard phase == .writing else { return true }
        // A large answer to a slow client takes long; what counts is that the client goes on acknowledging.
        let acknowledged = acknowledgedBytes
        if acknowledged != self.acknowledged.exchange(acknowledged, ordering: .relaxed) {
            _ = deadline.compareExchange(
                expected: .max, desired: now + core.timeouts.write, ordering: .acquiringAndReleasing)
            return false
        }
        return true
    }

    private var acknowledgedBytes: Int64 { ConnectionProgress.acknowledged(descriptor) }
}
