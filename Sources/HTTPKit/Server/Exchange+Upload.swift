import Synchronization

extension Exchange {
    /// Waits until a streaming handler asks for the body or answers without it.
    func open() -> Verdict {
        guard let bodyPipe else { return .close }
        while true {
            if let response = takeResponse() {
                client.lingers.store(true, ordering: .relaxed)
                return answer(response)
            }
            if bodyPipe.isDemanded {
                phase = .uploading
                bodyStarted = Monotonic.now
                client.wait(.body, until: bodyStarted + core.timeouts.body)
                return .taken
            }
            if core.isClosing { return .close }
            client.wait(.handler, until: nil)
            if park() { return .taken }
        }
    }

    /// Hands a piece of the body to a streaming handler; holds the connection back while the handler is behind.
    func upload(_ bytes: UnsafeBufferPointer<UInt8>) -> Verdict {
        guard let bodyPipe else { return .close }
        while true {
            if let response = takeResponse() { return answerEarly(response, offered: bytes) }
            guard bytesIn + bytes.count <= route?.bodyLimit ?? 0 else {
                bodyPipe.finish(.failure(HTTPError.payloadTooLarge))
                return answerNow(.payloadTooLarge)
            }
            if bodyPipe.offer(bytes) {
                bytesIn += bytes.count
                extendBodyDeadline()
                return .taken
            }
            if core.isClosing { return .close }
            if pausedAt == 0 { pausedAt = Monotonic.now }
            client.wait(.handler, until: nil)
            if park() { return .keep }
        }
    }

    /// The body of a streaming request is complete.
    func uploaded() -> Verdict {
        bodyPipe?.finish(.success(()))
        phase = .waiting
        return awaitAnswer()
    }

    /// The handler answered before it read the whole body: a short rest is received and dropped, a long one is not.
    private func answerEarly(_ response: HTTPResponse, offered bytes: UnsafeBufferPointer<UInt8>) -> Verdict {
        bodyPipe?.finish(.failure(StreamError.ended))
        if case .length(let length) = bodyKind, length - bytesIn <= Self.droppedBytes {
            bytesIn += bytes.count
            phase = .dropping(response)
            return .taken
        }
        return answerNow(response)
    }
}
