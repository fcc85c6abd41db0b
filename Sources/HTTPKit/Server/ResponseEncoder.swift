import CHTTP
import Glibc

/// Makes the library's response objects.
enum ResponseEncoder {
    /// Bodies up to this size are copied; larger ones stay in the array they came in.
    private static let copiedBytes = 16 * 1024
    /// What the library reads from a streamed body of known length at once; chunked ones use the connection's memory.
    private static let blockBytes = 16 * 1024

    /// Keeps a large body alive while the library sends it.
    private final class Body {
        let bytes: ContiguousArray<UInt8>

        init(_ bytes: [UInt8]) { self.bytes = ContiguousArray(bytes) }
    }

    /// What a streamed body's reader needs.
    private final class Source {
        let pipe: ResponsePipe
        let exchange: Exchange

        init(_ pipe: ResponsePipe, _ exchange: Exchange) {
            self.pipe = pipe
            self.exchange = exchange
        }
    }

    /// A response with bytes; the caller destroys it after queueing.
    static func make(_ bytes: [UInt8]) -> OpaquePointer? {
        guard bytes.count > copiedBytes else {
            return bytes.withUnsafeBytes { buffer in
                MHD_create_response_from_buffer(
                    buffer.count, UnsafeMutableRawPointer(mutating: buffer.baseAddress), .RESPMEM_MUST_COPY)
            }
        }
        let body = Unmanaged.passRetained(Body(bytes))
        // A native array's elements don't move while the array is alive and unchanged.
        let start = body.takeUnretainedValue().bytes.withUnsafeBytes {
            UnsafeMutableRawPointer(mutating: $0.baseAddress)
        }
        let response = MHD_create_response_from_buffer_with_free_callback_cls(
            bytes.count, start,
            { context in
                if let context { Unmanaged<Body>.fromOpaque(context).release() }
            }, body.toOpaque())
        if response == nil { body.release() }
        return response
    }

    /// A response whose body comes from a pipe.
    static func make(_ stream: ResponseStream, _ pipe: ResponsePipe, _ exchange: Exchange) -> OpaquePointer? {
        let source = Unmanaged.passRetained(Source(pipe, exchange))
        let response = MHD_create_response_from_callback(
            stream.length.map { UInt64($0) } ?? .max, stream.length == nil ? 1024 : blockBytes,
            { context, _, target, capacity in
                guard let context, let target else { return -2 }
                let source = Unmanaged<Source>.fromOpaque(context).takeUnretainedValue()
                return source.exchange.fill(
                    UnsafeMutableRawBufferPointer(start: target, count: capacity), from: source.pipe)
            }, source.toOpaque(),
            { context in
                if let context { Unmanaged<Source>.fromOpaque(context).release() }
            })
        if response == nil { source.release() }
        return response
    }

    /// Adds fields; the library refuses ones it writes itself, such as Content-Length, and those are left out.
    static func add(_ headers: HTTPHeaders, to response: OpaquePointer) {
        headers.withCStrings { name, value in
            _ = MHD_add_response_header(response, name, value)
        }
    }

    static func add(_ id: RequestID, to response: OpaquePointer) {
        id.withBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                _ = MHD_add_response_header(response, "X-Request-ID", $0.baseAddress)
            }
        }
    }
}
