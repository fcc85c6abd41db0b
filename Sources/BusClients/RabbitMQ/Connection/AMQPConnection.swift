internal import CRabbitMQ
internal import Glibc

/// One connection to a broker, from the login to the end.
///
/// It belongs to the thread that opened it: librabbitmq's connections are not safe to share. Nothing here waits for the
/// broker after the login: reading takes what has come, and writing is only done while the socket has room
/// (`canSend`), because the library waits without a limit when it has none, as a broker under an alarm gives none.
final class AMQPConnection {
    let node: AMQPNode
    let state: amqp_connection_state_t
    let descriptor: Int32
    /// The largest frame, as agreed with the broker.
    let frameMaximum: Int
    let channelMaximum: Int
    let heartbeat: Duration
    /// Bytes that may still be written before the socket is asked again whether it has room.
    var sendCredit = 0
    /// Whether something waits for room in the socket.
    private(set) var wantsRoom = false
    /// A body whose last frames wait for room in the socket.
    var unfinished: UnfinishedBody?

    /// What is written between two looks at the socket. Linux reports room when a third of the send buffer is free; the
    /// smallest initial buffer is 87,040 bytes (tcp_wmem, Linux 6), so this much never waits.
    static let sendStep = 16 << 10

    /// The rest of a body that was begun on a channel.
    struct UnfinishedBody {
        let channel: UInt16
        let body: [UInt8]
        var offset: Int
    }

    init(
        node: AMQPNode, state: amqp_connection_state_t, descriptor: Int32, frameMaximum: Int, channelMaximum: Int,
        heartbeat: Duration
    ) {
        self.node = node
        self.state = state
        self.descriptor = descriptor
        self.frameMaximum = frameMaximum
        self.channelMaximum = channelMaximum
        self.heartbeat = heartbeat
    }

    deinit {
        // Closes the socket and frees everything; its result is always AMQP_STATUS_OK.
        _ = amqp_destroy_connection(state)
    }

    /// Whether the socket has room for another step.
    var canSend: Bool {
        guard unfinished == nil else { return false }
        return sendCredit > 0 || renewCredit()
    }

    /// Asks the socket for room.
    func renewCredit() -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // An error counts as room: the write will tell what it is.
        let hasRoom = Glibc.poll(&poll, 1, 0) != 0
        sendCredit = hasRoom ? Self.sendStep : 0
        wantsRoom = !hasRoom
        return hasRoom
    }

    /// Holds what is written back until it fills a segment, or lets it all go: the library writes each frame by itself,
    /// and a segment for each message costs client and broker more than everything else.
    func gather(_ isGathering: Bool) {
        var option: Int32 = isGathering ? 1 : 0
        // Without it everything works, only slower.
        _ = setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_CORK, &option, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The next frame that has come, or nil when there is none yet. Serves heartbeats.
    /// - Throws: When the connection is lost.
    func nextFrame() throws(BusError) -> amqp_frame_t? {
        var frame = amqp_frame_t()
        var noWait = timeval(tv_sec: 0, tv_usec: 0)
        let status = amqp_simple_wait_frame_noblock(state, &frame, &noWait)
        if status == AMQP_STATUS_OK.rawValue { return frame }
        if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
        throw BusError(status: status, node: node)
    }

    /// Frees what the frames of a channel took, once nothing refers to them.
    func releaseBuffers(of channel: UInt16) { amqp_maybe_release_buffers_on_channel(state, channel) }

    func check(_ status: Int32) throws(BusError) {
        if status < 0 { throw BusError(status: status, node: node) }
    }
}
