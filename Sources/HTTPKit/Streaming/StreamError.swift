/// Why a body's other end is gone.
package enum StreamError: Error, Sendable, Hashable {
    /// The client closed the connection, or stopped reading or sending for longer than the server waits.
    case clientLeft
    /// The server stops and doesn't wait for this stream.
    case serverStopping
    /// The response ended before the request's body was read.
    case ended
}
