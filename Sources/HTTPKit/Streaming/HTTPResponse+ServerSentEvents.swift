import Runtime

extension HTTPResponse {
    /// A stream of events that lasts until `body` returns, the client leaves or the server stops.
    ///
    /// When the server stops, the last that a client gets is a `retry:` of 1 to 3 s, different for each, so that they
    /// do not all come back at once. `body`'s task is cancelled when the client leaves, which is noticed while nothing is
    /// sent too.
    ///
    /// - Parameters:
    ///   - heartbeat: the interval of comment lines, which keep proxies from closing an idle stream; nil sends none.
    ///   - body: sends the events.
    package static func serverSentEvents(
        heartbeat: Duration? = .seconds(15), _ body: @escaping @Sendable (SSEWriter) async throws -> Void
    ) -> HTTPResponse {
        let farewell = SSEWriter.encode(retryAfter: .milliseconds(Int64.random(in: 1000...3000)))
        let stream = ResponseStream(endsAtDrain: true, farewell: farewell) { writer in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await body(SSEWriter(writer: writer)) }
                if let heartbeat {
                    group.addTask {
                        while true {
                            try await writer.time.sleep(for: heartbeat)
                            try await SSEWriter(writer: writer).comment("heartbeat")
                        }
                    }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        return HTTPResponse(
            headers: [
                "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            ], body: .stream(stream))
    }
}

extension Duration {
    /// The whole milliseconds, at least 0.
    var wholeMilliseconds: Int64 {
        max(0, components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)
    }

    /// The whole nanoseconds.
    var wholeNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
