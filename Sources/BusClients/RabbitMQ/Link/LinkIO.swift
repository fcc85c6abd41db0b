internal import CRabbitMQ
internal import Runtime

/// A link's connection with its channels; used on the link's thread only.
final class LinkIO {
    let connection: AMQPConnection
    let epoch: Int
    /// Why the connection is lost; nil while it lives. Whatever is sent afterwards goes nowhere.
    private(set) var failure: BusError?
    /// Set when the broker takes no messages, or takes them again (nil).
    var onBlocked: (String?) -> Void = { _ in }
    private let time: any TimeSource
    private var channels: [UInt16: Channel] = [:]
    private var touched: [Channel] = []
    private var nextDeadline: Duration?

    /// Frames that are taken in one turn, so that those who hand over work are not kept waiting.
    private static let framesPerTurn = 4096

    init(connection: AMQPConnection, epoch: Int, time: any TimeSource) {
        self.connection = connection
        self.epoch = epoch
        self.time = time
    }

    var now: Duration { time.uptime }

    func fail(_ error: BusError) { if failure == nil { failure = error } }

    /// Runs a step that may find the connection lost.
    func attempt(_ step: (AMQPConnection) throws(BusError) -> Void) {
        guard failure == nil else { return }
        do { try step(connection) } catch { fail(error) }
    }

    func send(_ request: AMQPRequest, on channel: Channel) {
        attempt { connection throws(BusError) in try connection.send(request, on: channel.number) }
    }

    /// Gives a channel the lowest free number.
    func register(_ channel: Channel) throws(BusError) {
        guard let number = (1...UInt16(clamping: connection.channelMaximum)).first(where: { channels[$0] == nil })
        else {
            throw BusError(.unavailable, "the connection has no channel left of \(connection.channelMaximum)")
        }
        channel.number = number
        channel.end = nil
        channels[number] = channel
    }

    func call(_ channel: Channel, _ group: CallGroup) {
        for request in group.requests {
            if request == .closeChannel { leaveStream(on: channel) }
            // Only the consumer of a stream has arguments.
            if case .consume(_, let arguments) = request, !arguments.isEmpty { channel.isReadingStream = true }
            send(request, on: channel)
            channel.calls.append(PendingCall(group: group, request: request))
            if request == .closeChannel { channel.isClosing = true }
        }
        nextDeadline = min(nextDeadline ?? group.deadline, group.deadline)
    }

    /// Closes a channel nobody waits for.
    func closeSilently(_ channel: Channel) {
        channel.isClosing = true
        leaveStream(on: channel)
        send(.closeChannel, on: channel)
        channel.calls.append(PendingCall(group: nil, request: .closeChannel))
    }

    /// RabbitMQ 3.10 goes on counting the consumers of a stream whose channels were closed without this.
    private func leaveStream(on channel: Channel) {
        guard channel.isReadingStream else { return }
        channel.isReadingStream = false
        send(.cancel, on: channel)
        channel.calls.append(PendingCall(group: nil, request: .cancel))
    }

    /// Takes the frames that have come.
    /// - Returns: Whether there may be more.
    func receive() -> Bool {
        for _ in 0..<Self.framesPerTurn where failure == nil {
            do throws(BusError) {
                guard let frame = try connection.nextFrame() else { return false }
                try handle(frame)
                connection.releaseBuffers(of: frame.channel)
            } catch {
                fail(error)
            }
        }
        return failure == nil
    }

    func endTurn() {
        for channel in touched {
            channel.isTouched = false
            channel.sink?.turnEnded()
        }
        touched.removeAll(keepingCapacity: true)
        expireCalls()
    }

    /// How long the link may sleep: heartbeats are served at least twice in their time.
    var patience: Duration {
        let heartbeat = connection.heartbeat / 2
        guard let nextDeadline else { return heartbeat }
        return max(.zero, min(heartbeat, nextDeadline - now))
    }

    /// Ends every channel: the connection is gone.
    func end(_ error: BusError) {
        for channel in channels.values { close(channel, error) }
    }

    func channel(_ number: UInt16) -> Channel? { channels[number] }

    /// Notes that a channel's sink has been given something.
    func touch(_ channel: Channel) {
        guard !channel.isTouched else { return }
        channel.isTouched = true
        touched.append(channel)
    }

    func close(_ channel: Channel, _ error: BusError) {
        channels[channel.number] = nil
        channel.end = error
        channel.content = nil
        let calls = channel.calls
        channel.calls = Fifo()
        for call in calls {
            if call.request == .closeChannel { call.group?.add(.done) } else { call.group?.fail(error) }
        }
        channel.sink?.closed(error)
    }

    /// The answer still comes in its order, to nobody.
    private func expireCalls() {
        guard let deadline = nextDeadline, deadline <= now else { return }
        nextDeadline = nil
        for channel in channels.values {
            channel.calls.forEachInPlace { call in
                guard let group = call.group else { return }
                if group.deadline <= now {
                    group.fail(BusError(.unavailable, "RabbitMQ has not answered in time"))
                    call.group = nil
                } else {
                    nextDeadline = min(nextDeadline ?? group.deadline, group.deadline)
                }
            }
        }
    }
}
