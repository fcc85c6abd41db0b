/// A request's body as it arrives; one reader.
///
/// The connection stops receiving while 256 KiB are unread. Reading throws ``StreamError`` when the client leaves or
/// stalls, and 413 when the body grows beyond the route's limit.
package struct RequestBodyStream: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    /// The request's Content-Length; nil for a chunked body.
    package let declaredLength: Int?
    let pipe: RequestBodyPipe

    package struct AsyncIterator: AsyncIteratorProtocol {
        let pipe: RequestBodyPipe

        package mutating func next() async throws -> [UInt8]? {
            try await pipe.next()
        }
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(pipe: pipe)
    }

    /// Makes a body out of bytes in memory, for tests of handlers.
    package init(bytes: [UInt8]) {
        let pipe = RequestBodyPipe {}
        bytes.withUnsafeBufferPointer { _ = pipe.offer($0) }
        pipe.finish(.success(()))
        self.init(declaredLength: bytes.count, pipe: pipe)
    }

    init(declaredLength: Int?, pipe: RequestBodyPipe) {
        self.declaredLength = declaredLength
        self.pipe = pipe
    }
}
