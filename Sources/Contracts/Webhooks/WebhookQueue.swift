/// How `alert.webhooks` is declared: the workers that fill it and the ingress that empties it must agree.
package enum WebhookQueue {
    /// Deliveries of a job before it goes to the dead letters; with the ingress's delays about an hour.
    package static let maximumAttempts = 8
    package static let leaseDuration: Duration = .seconds(60)
    /// Jobs; beyond, workers keep what they have within a bound of their own.
    package static let maximumLength = 100_000
}
