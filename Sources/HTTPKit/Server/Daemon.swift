import CHTTP
import CHTTPErrors
import Glibc

/// The library's daemon: starts it with our callbacks, and stops it once.
///
/// `@unchecked`: the pointer never changes; `quiesce` and `stop` are called once each, in this order, by the server's
/// stop.
final class Daemon: @unchecked Sendable {
    private let pointer: OpaquePointer
    private let core: Unmanaged<ServerCore>
    private let tlsTexts: [UnsafeMutablePointer<CChar>?]
    /// The library's own descriptor of the listening socket: it closes it when a start fails, and not after `quiesce`.
    private let listener: Int32

    init(_ core: ServerCore, listening socket: ListenSocket) throws(HTTPServerError) {
        let configuration = core.configuration
        var options = chttp_options()
        let flags = MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue | MHD_USE_ITC.rawValue
        options.flags = configuration.tls == nil ? flags : flags | MHD_USE_TLS.rawValue
        listener = dup(socket.descriptor)
        options.listen_descriptor = listener
        options.threads = UInt32(clamping: configuration.threads)
        options.connection_limit = UInt32(clamping: configuration.maxConnections)
        options.connections_per_address = UInt32(clamping: configuration.maxConnectionsPerAddress)
        options.connection_memory = max(4096, configuration.headerBytes)
        options.handler = Callbacks.handle
        options.request_line = Callbacks.requestLine
        options.completed = Callbacks.completed
        options.connection = Callbacks.connection
        options.unescape = { _, _, text in text.map { strlen($0) } ?? 0 }
        tlsTexts = [configuration.tls?.privateKey, configuration.tls?.certificate].map { $0.flatMap { strdup($0) } }
        options.tls_key = UnsafePointer(tlsTexts[0])
        options.tls_certificate = UnsafePointer(tlsTexts[1])
        self.core = Unmanaged.passRetained(core)
        options.context = self.core.toOpaque()
        chttp_set_error_handler(Callbacks.libraryError)
        guard let pointer = chttp_start(&options) else {
            let reason = configuration.tls == nil ? "" : " Check the certificate and the key."
            let error = errno
            self.core.release()
            for text in tlsTexts { free(text) }
            throw HTTPServerError(
                code: .startFailed, message: "The HTTP library did not start on port \(socket.port).\(reason)",
                errno: error)
        }
        self.pointer = pointer
    }

    /// Stops accepting connections.
    func quiesce() {
        _ = MHD_quiesce_daemon(pointer)
    }

    /// Closes what is open and joins the event loops: blocks, and must not meet a suspended connection.
    func stop() {
        MHD_stop_daemon(pointer)
        close(listener)
        core.release()
        for text in tlsTexts { free(text) }
    }
}
