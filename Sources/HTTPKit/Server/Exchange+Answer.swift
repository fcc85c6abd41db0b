import CHTTP
import CHTTPErrors
import Glibc
import Runtime
import Synchronization

extension Exchange {
    /// Gives the answer to the library.
    func answer(_ response: HTTPResponse) -> Verdict {
        let response = finished(response)
        let encoded: OpaquePointer?
        var started: (ResponseStream, ResponsePipe)?
        switch response.body {
        case .stream(let stream):
            let pipe = ResponsePipe { [self] in gate.signal() }
            let isSent = sendsBody(of: response)
            if isSent { started = (stream, pipe) }
            encoded = ResponseEncoder.make(stream, pipe, self)
            if !isSent, stream.length == nil, let encoded { chttp_close_after(encoded) }
        case .bytes(let bytes):
            encoded = ResponseEncoder.make(bytes)
            if methodName != "HEAD" { bytesOut = bytes.count }
        case .empty:
            encoded = ResponseEncoder.make([])
        }
        guard let encoded else { return .close }
        defer { MHD_destroy_response(encoded) }
        ResponseEncoder.add(response.headers, to: encoded)
        ResponseEncoder.add(id, to: encoded)
        if core.isDraining { MHD_add_response_header(encoded, "Connection", "close") }
        status = response.status
        phase = .answered
        settle()
        client.wait(.writing, until: Monotonic.now + core.timeouts.write)
        if let (stream, pipe) = started { produce(stream, pipe) }
        let isQueued = chttp_queue_response(
            UnsafeMutableRawPointer(connection.pointer), UInt32(clamping: response.status),
            UnsafeMutableRawPointer(encoded))
        return isQueued == 1 ? .taken : .close
    }

    /// Starts the task that writes a streamed body.
    private func produce(_ stream: ResponseStream, _ pipe: ResponsePipe) {
        work.withLock { work in
            work.stream = pipe
            work.streamEndsAtDrain = stream.endsAtDrain
            work.farewell = stream.farewell
        }
        let writer = ResponseWriter(pipe: pipe, time: core.time)
        let (id, trace) = (id, trace)
        let task = Task { [self] in
            do {
                try await stream.produce(writer)
                pipe.finish(.complete)
            } catch let error as StreamError {
                pipe.fail(error)
            } catch is CancellationError {
                pipe.fail(core.isDraining ? .serverStopping : .clientLeft)
            } catch {
                core.logger.error(
                    "response stream failed",
                    HTTPRequest.logFields(requestID: id.text, trace: trace.context)
                        .merging(["error": .string(String(describing: error))]))
                pipe.fail(.ended)
            }
            work.withLock { $0.task = nil }
        }
        let isCancelled = work.withLock { work in
            work.task = task
            return work.isCancelled || work.isOver
        }
        let isUseless = client.hasLeft.load(ordering: .sequentiallyConsistent) && stream.endsAtDrain
        if isCancelled || isUseless {
            pipe.finish(.cutOff(.clientLeft))
            task.cancel()
        }
        if core.isDraining { beginDrain() }
    }

    /// Fills the library's send buffer from a streamed body, or suspends the connection until there is more.
    func fill(_ target: UnsafeMutableRawBufferPointer, from pipe: ResponsePipe) -> Int {
        while true {
            switch pipe.read(into: target) {
            case .bytes(let count):
                client.wait(.writing, until: Monotonic.now + core.timeouts.write)
                return count
            case .end: return -1  // MHD_CONTENT_READER_END_OF_STREAM
            case .failed: return -2  // MHD_CONTENT_READER_END_WITH_ERROR
            case .empty:
                if core.isClosing { return -2 }
                client.wait(.handler, until: nil)
                if park() { return 0 }
            }
        }
    }

    /// Sends an error in the middle of a body and closes.
    func answerNow(_ error: HTTPError) -> Verdict {
        answerNow(response(for: error))
    }

    /// Answers in the middle of a body, where the library accepts no response: writes to the socket and closes. All
    /// that the library has sent before is with the kernel by then, so the bytes can't get between others.
    func answerNow(_ response: HTTPResponse) -> Verdict {
        let response = amended(response)
        status = response.status
        phase = .answered
        settle()
        _ = RawAnswer.send(response, id: id, on: connection, of: client)
        cancel()
        return .close
    }
}
