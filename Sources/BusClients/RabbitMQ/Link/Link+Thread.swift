internal import CSystem
internal import Glibc
internal import Runtime

/// The body of a link's thread.
extension Link {
    /// How long the broker may take to answer that it has closed the connection.
    private static var farewell: Duration { .seconds(1) }
    /// A connection that lived so long counts as good: the next outage begins with short delays again.
    private static var goodConnection: Duration { .seconds(5) }

    /// Connects, serves and connects again until it is stopped.
    /// - Parameter first: Told once how the first attempt went.
    func run(first: (Result<Void, BusError>) -> Void) {
        var outage = Outage(since: time.uptime)
        var node = 0
        var epoch = 0
        while !inbox.isStopping {
            do throws(BusError) {
                let connection = try connect(startingAt: &node)
                epoch += 1
                if epoch == 1 { first(.success(())) }
                outage.end(self, connection)
                let began = time.uptime
                let reason = serve(LinkIO(connection: connection, epoch: epoch, time: time))
                outage = Outage(
                    since: time.uptime, attempts: time.uptime - began < Self.goodConnection ? outage.attempts : 0)
                guard !inbox.isStopping else { break }
                metrics.lost(purpose)
                logger.warning("rabbitmq_connection_lost", ["error": "\(reason)"])
            } catch {
                guard epoch > 0 else {
                    first(.failure(error))
                    break
                }
                outage.failed(self, error)
            }
            pause(configuration.reconnect.delay(attempt: max(1, outage.attempts)) ?? .zero)
        }
        gate.move(to: .closed)
        for work in inbox.end() { work(nil) }
    }

    /// Tries each node once.
    /// - Throws: What most likely keeps it from working: a refusal rather than an absence.
    private func connect(startingAt node: inout Int) throws(BusError) -> AMQPConnection {
        var failure: BusError?
        for _ in configuration.nodes.indices where !inbox.isStopping {
            let candidate = configuration.nodes[node % configuration.nodes.count]
            // The next time begins with the next node: this one is the one that failed, or will have.
            node = (node + 1) % configuration.nodes.count
            do {
                return try AMQPConnection.open(candidate, configuration, purpose: purpose)
            } catch {
                if failure?.code != .accessRefused { failure = error }
            }
        }
        throw failure ?? BusError(.closed, "the bus is closed")
    }

    /// Reads and writes until the connection is lost or the link is stopped.
    private func serve(_ io: LinkIO) -> BusError {
        let user = user
        gate.move(to: .restoring(epoch: io.epoch))
        io.onBlocked = { [unowned self] reason in
            gate.block(reason)
            metrics.blocked(reason != nil)
            logger.warning(reason == nil ? "rabbitmq_unblocked" : "rabbitmq_blocked", ["reason": "\(reason ?? "")"])
            user?.blocked(reason)
        }
        var hasMore = false
        while io.failure == nil {
            if inbox.isStopping {
                sayFarewell(io)
                break
            }
            wait(io, for: hasMore ? .zero : io.patience)
            for work in inbox.take() { work(io) }
            hasMore = io.receive()
            io.endTurn()
            io.attempt { connection throws(BusError) in try connection.continueBody() }
            if user?.turn(io) == true { hasMore = true }
        }
        let reason = io.failure ?? BusError(.unavailable, "the connection ended")
        gate.move(to: .connecting(reason))
        metrics.blocked(false)
        io.end(reason)
        return reason
    }

    /// Sleeps until the broker has sent something, there is room for more, somebody hands over work, or the time is
    /// over.
    private func wait(_ io: LinkIO, for patience: Duration) {
        var descriptors = [
            pollfd(
                fd: io.connection.descriptor, events: Int16(io.connection.wantsRoom ? POLLIN | POLLOUT : POLLIN),
                revents: 0),
            pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        // EINTR cannot be: the thread takes no signals. Whatever else it answers, the turn finds out.
        _ = poll(&descriptors, 2, patience.pollMilliseconds)
    }

    /// Sleeps between two attempts; who hands over work is told at once that there is no connection.
    private func pause(_ delay: Duration) {
        let end = time.uptime + delay
        while !inbox.isStopping {
            for work in inbox.take() { work(nil) }
            let left = end - time.uptime
            guard left > .zero else { return }
            var descriptor = pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(&descriptor, 1, left.pollMilliseconds)
        }
    }

    /// Ends the connection in order, but does not wait for ever.
    private func sayFarewell(_ io: LinkIO) {
        for work in inbox.take() { work(io) }
        io.attempt { connection throws(BusError) in try connection.sendClose() }
        let end = io.now + Self.farewell
        while io.failure == nil, io.now < end {
            wait(io, for: end - io.now)
            _ = io.receive()
        }
        io.fail(BusError(.closed, "the bus is closed"))
    }
}

extension Duration {
    /// For `poll`: rounded up, so that a deadline has passed when it returns.
    var pollMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        return Int32(clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
