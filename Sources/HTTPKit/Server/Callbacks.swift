import CHTTP
import Glibc
import Synchronization

/// The library's callbacks: they turn its context pointers back into objects. All run on an event loop.
enum Callbacks {
    /// A connection was opened, or is about to be closed.
    static let connection: MHD_NotifyConnectionCallback = { context, connection, slot, event in
        guard let context, let connection, let slot else { return }
        let core = Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
        if event == .CONNECTION_NOTIFY_STARTED {
            let client = ClientConnection(id: core.connections.makeID(), connection: connection, core: core)
            slot.pointee = Unmanaged.passRetained(client).toOpaque()
            // Before it is watched: the client may have left already, and that is told once.
            let isFirst = core.connections.insert(client)
            core.watchdog.watch(client)
            if isFirst { core.watchdog.wake() }
        } else if let pointer = slot.pointee {
            slot.pointee = nil
            let client = Unmanaged<ClientConnection>.fromOpaque(pointer).takeRetainedValue()
            if client.lingers.load(ordering: .relaxed) { core.watchdog.linger(client.descriptor) }
            core.connections.remove(client)
        }
    }

    /// A request line was received; returns the retained exchange, which `completed` releases.
    static let requestLine:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer? = {
            context, target, connection in
            guard let context, let connection, let pointer = chttp_socket_context(connection) else { return nil }
            let core = Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
            let client = Unmanaged<ClientConnection>.fromOpaque(pointer).takeUnretainedValue()
            let exchange = Exchange(
                core: core, client: client, connection: ConnectionHandle(pointer: connection),
                target: target.map { String(cString: $0) } ?? "",
                targetEnd: target.map { UInt(bitPattern: $0) + UInt(strlen($0)) } ?? 0)
            client.begin(exchange)
            client.wait(.headers, until: exchange.started + core.timeouts.header)
            return Unmanaged.passRetained(exchange).toOpaque()
        }

    /// The headers, a piece of the body, or the end of a request were received, or a connection was resumed.
    static let handle: MHD_AccessHandlerCallback = { _, _, _, method, version, bytes, count, slot in
        guard let pointer = slot?.pointee, let method, let count else { return .NO }
        let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
        if let version, version.pointee != 0, case .fresh = exchange.phase {
            // The library cuts the target where it holds a NUL; whole, it ends where the version begins.
            exchange.isTargetCut = UInt(bitPattern: version) != exchange.targetEnd + 1
        }
        let start = UnsafeRawPointer(bytes)?.assumingMemoryBound(to: UInt8.self)
        switch exchange.handle(
            method: method, bytes: UnsafeBufferPointer(start: start, count: start == nil ? 0 : count.pointee))
        {
        case .taken:
            count.pointee = 0
            return .YES
        case .keep:
            return .YES
        case .close:
            return .NO
        }
    }

    /// A request is over.
    static let completed: MHD_RequestCompletedCallback = { _, _, slot, _ in
        guard let pointer = slot?.pointee else { return }
        slot?.pointee = nil
        Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue().complete()
    }

    /// The library found an error in a request: writes our answer to the socket; 1 when it is sent.
    static let libraryError: @convention(c) (UnsafeMutableRawPointer?, UInt32) -> Int32 = { connection, status in
        guard let connection = OpaquePointer(connection), let pointer = chttp_socket_context(connection) else {
            return 0
        }
        let client = Unmanaged<ClientConnection>.fromOpaque(pointer).takeUnretainedValue()
        let exchange = client.exchange
        let seed = exchange?.traceSeed ?? client.core.requestIDs.next()
        let id = exchange?.id ?? .made(seed.high, seed.low)
        let trace = exchange?.trace ?? TraceOrigin(headers: HTTPHeaders(), seed: seed)
        let error = client.core.response(for: HTTPError(libraryStatus: Int(status)), id: id, trace: trace)
        let response = exchange?.amended(error) ?? client.core.withStandardHeaders(error)
        guard RawAnswer.send(response, id: id, on: ConnectionHandle(pointer: connection), of: client) else { return 0 }
        exchange?.status = Int(status)
        return 1
    }
}
