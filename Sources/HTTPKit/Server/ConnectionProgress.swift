import CHTTPErrors

/// How far a socket's output has come.
enum ConnectionProgress {
    /// Bytes that the peer has acknowledged since the connection began; 0 when the kernel can't say.
    static func acknowledged(_ descriptor: Int32) -> Int64 {
        max(0, chttp_bytes_acknowledged(descriptor))
    }
}
