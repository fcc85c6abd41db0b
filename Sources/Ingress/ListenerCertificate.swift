internal import Glibc
internal import HTTPKit
internal import Runtime
internal import Synchronization

/// The certificate of the TLS listener: read at the start, and again when the process gets SIGHUP.
///
/// What cannot be served is logged, and the one in use stays. Connections that are open keep theirs.
final class ListenerCertificate: Sendable {
    private struct State {
        var identity: TLSIdentity
        var server: HTTPServer?
    }

    private let files: TLSFiles
    private let time: any TimeSource
    private let logger: Logger
    private let state: Mutex<State>

    /// Reads the files; blocks.
    /// - Throws: `TLSError` when they cannot be served.
    init(_ files: TLSFiles, time: any TimeSource, logger: Logger) throws(TLSError) {
        self.files = files
        self.time = time
        self.logger = logger
        state = Mutex(State(identity: try files.load(now: time.now).identity))
    }

    /// What a server that is made now shows.
    var identity: TLSIdentity { state.withLock { $0.identity } }

    /// Replaces the certificate of this server too, from now on.
    func attach(_ server: HTTPServer) throws(TLSError) {
        try state.withLock { state throws(TLSError) in
            state.server = server
            try server.replaceIdentity(state.identity)
        }
    }

    /// Reloads on every SIGHUP until the watch is stopped, and now: a signal may have come since `init`. Blocks.
    /// - Throws: `SignalWatchError`.
    func reloadOnHangup() throws(SignalWatchError) -> SignalWatch {
        // On the watch's own thread: files are read there.
        let watch = try SignalWatch([SIGHUP]) { [self] _ in reload() }
        reload(as: "certificate_loaded")
        return watch
    }

    /// Reads the files again; blocks.
    /// - Parameter event: What the log calls it when it succeeds.
    func reload(as event: String = "certificate_reloaded") {
        do throws(TLSError) {
            let (identity, certificate) = try files.load(now: time.now)
            try replace(identity)
            logger.info(
                event,
                [
                    "names": .string(certificate.names.joined(separator: ",")),
                    "expires_at": .string(certificate.notAfter.rfc3339),
                ])
        } catch {
            logger.error("certificate_not_reloaded", ["error": .string(error.message)])
        }
    }

    private func replace(_ identity: TLSIdentity) throws(TLSError) {
        try state.withLock { state throws(TLSError) in
            try state.server?.replaceIdentity(identity)
            state.identity = identity
        }
    }
}
