/// A response body written by a task while the client reads it.
package struct ResponseStream: Sendable {
    /// The exact number of bytes when it is known: sent as Content-Length instead of chunks.
    package let length: Int?
    /// Whether the stream is endless, so that a drain ends it at once instead of waiting for its end.
    package let endsAtDrain: Bool
    /// What a drain adds before it ends the stream.
    let farewell: [UInt8]
    let produce: @Sendable (ResponseWriter) async throws -> Void

    /// Makes a stream; `produce` starts when the headers are sent and the body ends when it returns.
    ///
    /// When it throws, the connection closes without the end mark, so that the client sees a truncated body. It isn't
    /// started for HEAD. Its task is cancelled when the client leaves.
    package init(
        length: Int? = nil, endsAtDrain: Bool = false, farewell: [UInt8] = [],
        _ produce: @escaping @Sendable (ResponseWriter) async throws -> Void
    ) {
        self.length = length
        self.endsAtDrain = endsAtDrain
        self.farewell = farewell
        self.produce = produce
    }
}
