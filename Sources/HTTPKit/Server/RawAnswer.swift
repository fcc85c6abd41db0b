import CHTTP
import CHTTPErrors
import Synchronization

/// A response written to the socket, for the places where the library can't send it: in the middle of a body, and for
/// the errors that it finds by itself. All that it sent before is with the kernel then, and it closes the connection.
enum RawAnswer {
    /// Writes the response; false when the socket doesn't take it whole at once.
    static func send(
        _ response: HTTPResponse, id: RequestID, on connection: ConnectionHandle, of client: ClientConnection
    ) -> Bool {
        let bytes = encode(response, id: id)
        let count: Int
        if client.core.configuration.tls != nil, let session = chttp_tls_session(connection.pointer) {
            count = chttp_tls_write(session, bytes, bytes.count)
        } else {
            count = chttp_send(client.descriptor, bytes, bytes.count)
        }
        guard count == bytes.count else { return false }
        client.lingers.store(true, ordering: .relaxed)
        return true
    }

    /// Encodes head and body with `Connection: close`; a streamed body can't be sent this way and is left out.
    static func encode(_ response: HTTPResponse, id: RequestID) -> [UInt8] {
        var body: [UInt8] = []
        if case .bytes(let bytes) = response.body { body = bytes }
        let reason = MHD_get_reason_phrase_for(UInt32(clamping: response.status)).map { String(cString: $0) } ?? ""
        var head = "HTTP/1.1 \(response.status) \(reason)\r\nConnection: close\r\nContent-Length: \(body.count)\r\n"
        for field in response.headers { head += "\(field.name): \(field.value)\r\n" }
        head += "X-Request-ID: \(id.text)\r\n\r\n"
        return Array(head.utf8) + body
    }
}
