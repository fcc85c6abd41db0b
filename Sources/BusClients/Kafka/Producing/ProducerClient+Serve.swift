internal import CRdKafka
internal import Runtime
internal import Synchronization

extension ProducerClient {
    /// The body of the client's thread: takes events until nothing more can come, then ends the client.
    func serve(_ replace: (ProducerClient) -> Bool) {
        let reason = takeEvents(replace)
        // Given up without a report: they live until the client is gone, because librdkafka still points to them.
        let abandoned = state.withLock { $0.calls.elements.map { $0.retain() } }
        for call in abandoned { call.takeUnretainedValue().fail(Self.givenUp(reason)) }
        finish(abandoned)
        for topic in state.withLock({ $0.topics.values }) { rd_kafka_topic_destroy(topic.raw) }
        queue.withLock { $0 = nil }
        handle.destroy()
        for call in abandoned { call.release() }
    }

    private static func givenUp(_ reason: End) -> BusError {
        reason == .closed ? KafkaCore.closed : BusError(.unavailable, "no Kafka broker took the records in time")
    }

    private func takeEvents(_ replace: (ProducerClient) -> Bool) -> End {
        let timeout = core.configuration.deliveryTimeout
        var lifetime = ProducerLifetime(deliveryTimeout: timeout, now: core.time.uptime)
        let reports = DeliveryReports()
        var end = End.deadline
        var isBroken = false
        var mustReplace = false
        var nextExpiry: Duration = .zero
        while true {
            let now = core.time.uptime
            if now >= nextExpiry {
                limit.expire(at: now)
                nextExpiry = now + timeout / 8
            }
            let isClosing = state.withLock { $0.isClosing }
            let view = ProducerLifetime.View(
                now: now,
                oldestDeadline: {
                    self.state.withLock { $0.calls.elements.map { $0.takeUnretainedValue().deadline }.min() }
                },
                isIdle: { self.state.withLock { $0.calls.isEmpty } },
                isEnqueuing: {
                    self.state.withLock { $0.calls.elements.contains { $0.takeUnretainedValue().isHandingOver } }
                }, isBroken: isBroken, isClosing: isClosing)
            var wait: Duration?
            switch lifetime.next(view) {
            case .wait(let until): wait = until - now
            case .retire:
                end = isBroken ? .fatal : isClosing ? .closed : .deadline
                mustReplace = !isClosing
                retire(end)
            case .purge: purge()
            case .end:
                guard mustReplace else { return end }
                // Appends fail meanwhile; the next attempt is due in a second.
                wait = .seconds(1)
            }
            if mustReplace {
                mustReplace = !isClosing && !replace(self)
                if mustReplace { wait = min(wait ?? .zero, .seconds(1)) }
            }
            // Not before the replacement: whoever appends again finds a client that works.
            finish(reports.ended)
            reports.clear()
            guard let wait, let event = queue.withLock({ $0 })?.poll(for: wait) else { continue }
            take(event, reports)
            isBroken = isBroken || (event.isFailure && self.isBroken)
        }
    }

    private func take(_ event: KafkaEvent, _ reports: DeliveryReports) {
        switch event.type {
        case RD_KAFKA_EVENT_DR:
            reports.take(event)
            guard reports.confirmed > 0 else { break }
            core.watch.succeeded()
            core.metrics.appended.increment(by: Double(reports.confirmed))
        case RD_KAFKA_EVENT_ERROR: core.watch.failed(event.error, event.errorText)
        case RD_KAFKA_EVENT_STATS:
            if let statistics = KafkaStatistics(event) { core.metrics.show(producer: statistics) }
        default: break
        }
    }

    private func retire(_ end: End) {
        let inFlight = state.withLock { state in
            state.isRetired = true
            return state.calls.count
        }
        guard end != .closed else { return }
        core.metrics.replacements.increment([end.rawValue])
        var fields: LogFields = ["reason": "\(end.rawValue)", "appends": "\(inFlight)"]
        if end == .fatal {
            var text = [CChar](repeating: 0, count: 512)
            let error = rd_kafka_fatal_error(handle.raw, &text, text.count)
            fields["code"] = "\(error.rawValue)"
            fields["text"] = "\(String(nulTerminated: text))"
        }
        core.logger.warning("kafka_producer_replaced", fields)
    }

    private func purge() {
        let flags = RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING
        let error = rd_kafka_purge(handle.raw, flags)
        if error != RD_KAFKA_RESP_ERR_NO_ERROR {
            core.logger.error("kafka_purge_failed", ["error": "\(BusError(kafka: error, "the purge"))"])
        }
    }
}
