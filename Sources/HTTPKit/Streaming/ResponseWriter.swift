package import Runtime

/// The writing end of a streamed response; several tasks may write, whole writes never interleave up to 64 KiB.
package struct ResponseWriter: Sendable {
    let pipe: ResponsePipe
    /// The server's clock, for heartbeats.
    package let time: any TimeSource

    /// Sends bytes in order; waits while 64 KiB are unsent.
    ///
    /// - Throws: ``StreamError`` when the client has left or the server stops, `CancellationError` when cancelled.
    package func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        try await pipe.write(bytes)
    }

    /// Sends text as UTF-8.
    package func write(_ text: String) async throws {
        try await write(Array(text.utf8))
    }
}
