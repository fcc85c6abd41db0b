internal import BusClients
internal import Contracts
internal import HTTPKit
internal import Runtime

/// Tells webhooks of alerts: takes the jobs of `alert.webhooks` and posts each to its URL, signed as Standard Webhooks
/// has it (https://www.standardwebhooks.com), until the receiver has taken it or the attempts are used up.
///
/// A job that an ingress had in hand when it died is another's, with the same `webhook-id`.
struct WebhookSender: Sendable {
    private static let queue = QueueName(StreamNames.alertWebhooks)
    /// Bytes of an answer that are read; nothing is done with them.
    private static let responseLimit = 65_536

    private let configuration: WebhookConfiguration
    private let monitoring: FleetMonitoring
    private let queues: any WorkQueue
    private let time: any TimeSource
    private let logger: Logger
    private let lanes: WebhookLanes
    private let outcomes: Counter
    private let duration: Histogram
    private let backoff = RetryPolicy(initial: .milliseconds(200), maximum: .seconds(10))

    init(
        _ configuration: WebhookConfiguration, monitoring: FleetMonitoring, queues: any WorkQueue,
        time: any TimeSource, metrics: MetricsRegistry, logger: Logger
    ) {
        self.configuration = configuration
        self.monitoring = monitoring
        self.queues = queues
        self.time = time
        self.logger = logger.component("webhooks")
        lanes = WebhookLanes(limit: configuration.concurrency, limitOfURL: configuration.concurrencyOfURL)
        outcomes = metrics.counter(
            "flotilla_webhook_deliveries_total",
            help: "Attempts to tell a webhook of an alert, by what became of them.",
            labels: ["outcome"])
        duration = metrics.histogram(
            "flotilla_webhook_delivery_seconds", help: "Time of an attempt to tell a webhook of an alert.")
    }

    /// Sends until the task is cancelled; what is in hand then returns to the queue.
    func run() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                try await declare()
                let deliveries = try await queues.consume(Self.queue, prefetch: configuration.prefetch)
                failures = 0
                try await send(deliveries)
            } catch {
                failures += 1
                if failures == 1, !Task.isCancelled { logger.warning("webhooks_not_read", ["error": "\(error)"]) }
            }
            // Cancelled: the loop ends by itself.
            try? await time.sleep(for: backoff.delay(attempt: max(failures, 1)) ?? backoff.maximum)
        }
    }

    private func declare() async throws(BusError) {
        try await queues.declare(
            Self.queue,
            WorkQueueOptions(
                maximumAttempts: WebhookQueue.maximumAttempts, leaseDuration: WebhookQueue.leaseDuration,
                maximumLength: WebhookQueue.maximumLength))
    }

    /// As many at once as the queue hands out without one of them being settled.
    private func send(_ deliveries: Deliveries) async throws {
        try await withTaskCancellationHandler {
            try await withThrowingDiscardingTaskGroup { group in
                for try await ready in deliveries {
                    for delivery in ready { group.addTask { await handle(delivery) } }
                }
            }
        } onCancel: {
            lanes.close()
        }
    }

    private func handle(_ delivery: Delivery) async {
        let webhook: WebhookDelivery
        do {
            webhook = try WebhookDelivery(json: delivery.message.body)
        } catch {
            logger.error("webhook_unreadable", ["message": .string(delivery.message.id.rawValue), "error": "\(error)"])
            outcomes.increment(by: 1, ["unreadable"])
            delivery.reject(reason: "not a delivery to a webhook: \(error)")
            return
        }
        guard WebhookURL(webhook.url) != nil else {
            fail("unreadable", "it is no http or https URL", delivery, webhook)
            delivery.reject(reason: "not a delivery to a webhook: it is no http or https URL")
            return
        }
        guard await lanes.enter(webhook.url) else {
            if !Task.isCancelled {
                settle(delivery, webhook, .silent(reason: "the receiver did not answer another one a moment ago"))
            }
            return
        }
        let start = time.uptime
        let outcome = await post(webhook)
        lanes.leave(webhook.url, isSilent: outcome.isSilent)
        // The exchange was cut off: another ingress, or the next start, makes it.
        if Task.isCancelled, outcome != .delivered { return }
        duration.observe((time.uptime - start) / .seconds(1))
        settle(delivery, webhook, outcome)
    }

    private func post(_ webhook: WebhookDelivery) async -> WebhookOutcome {
        let body = webhook.payload
        let seconds = time.now.microseconds / 1_000_000
        do {
            let secret = try await monitoring.ensureSecret()
            let request = HTTPClient.Request(
                method: "POST", url: webhook.url,
                headers: [
                    ("Content-Type", "application/json"), ("webhook-id", webhook.id),
                    ("webhook-timestamp", "\(seconds)"),
                    ("webhook-signature", secret.signature(id: webhook.id, seconds: seconds, body: body)),
                ], body: body, timeout: configuration.timeout)
            // A thread of its own, for as long as the exchange takes.
            return WebhookOutcome(try await client().send(request))
        } catch let error as HTTPClientError {
            return WebhookOutcome(error)
        } catch {
            return .failed(reason: "there is no secret to sign with: \(error)", retryAfter: nil)
        }
    }

    private func client() -> HTTPClient {
        HTTPClient(
            reach: .init { [allowsPrivate = configuration.allowsPrivate] bytes in
                allowsPrivate || IPAddress(bytes: bytes).map(PublicAddresses.contains) ?? false
            }, responseLimit: Self.responseLimit)
    }

    private func settle(_ delivery: Delivery, _ webhook: WebhookDelivery, _ outcome: WebhookOutcome) {
        switch outcome {
        case .delivered:
            outcomes.increment(by: 1, ["delivered"])
            delivery.ack()
        case .gone:
            fail("gone", "the receiver answered 410", delivery, webhook)
            delivery.reject(reason: "the receiver answered 410")
        case .refused:
            let reason = "the host's address is private; WEBHOOK_ALLOW_PRIVATE lets it be called"
            fail("refused", reason, delivery, webhook)
            delivery.reject(reason: reason)
        case .failed(let reason, let wanted): retry(delivery, webhook, reason, wanted)
        case .silent(let reason): retry(delivery, webhook, reason, nil)
        }
    }

    private func retry(_ delivery: Delivery, _ webhook: WebhookDelivery, _ reason: String, _ wanted: Duration?) {
        let isLast = delivery.attempt >= WebhookQueue.maximumAttempts
        fail(isLast ? "given_up" : "failed", reason, delivery, webhook)
        delivery.retry(after: configuration.delay(after: delivery.attempt, wanted: wanted), reason: reason)
    }

    private func fail(_ outcome: String, _ reason: String, _ delivery: Delivery, _ webhook: WebhookDelivery) {
        outcomes.increment(by: 1, [outcome])
        logger.warning(
            "webhook_failed",
            [
                "outcome": .string(outcome), "reason": .string(reason), "attempt": .int(Int64(delivery.attempt)),
                "webhook": .string(webhook.id), "url": .string(WebhookURL(webhook.url)?.redacted ?? "unreadable"),
            ])
    }
}
