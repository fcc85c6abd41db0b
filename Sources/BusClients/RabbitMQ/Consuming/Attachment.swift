internal import Runtime

/// Keeps a consumer attached to its link across outages.
enum Attachment {
    /// An attachment that ends sooner counts as failed: the next one waits longer.
    private static var goodAttachment: Duration { .seconds(5) }

    /// How long the broker may take to attach: one that is asked for a queue it is deleting takes 30 s.
    static var patience: Duration { .seconds(5) }

    /// Attaches again whenever the attachment has ended, until the task is cancelled or the link is closed.
    /// - Parameters:
    ///   - first: Opens when the present attachment ends.
    ///   - attach: Attaches, and returns what opens when that ends.
    static func keep(
        _ name: String, on link: Link, first: Latch, attach: @Sendable () async throws(BusError) -> Latch
    ) async {
        var ended = first
        var attempt = 1
        while !Task.isCancelled {
            let began = link.time.uptime
            await ended.wait()
            if link.time.uptime - began >= goodAttachment { attempt = 1 }
            while !Task.isCancelled {
                guard await link.gate.untilReady() != nil else { return }
                do throws(BusError) {
                    // Also the first time: a queue that was deleted may be about to be declared again. Cancelled: the
                    // loop ends by itself.
                    try? await link.time.sleep(for: delay(attempt, link))
                    attempt += 1
                    ended = try await attach()
                    break
                } catch {
                    // 1, 2, 4, 8 … attempts: a queue that stays away is not spoken of every time.
                    let failures = attempt - 1
                    if link.gate.obstacle == nil, failures & (failures - 1) == 0 {
                        link.logger.warning(
                            "rabbitmq_attach_failed",
                            ["name": "\(name)", "attempts": LogValue(failures), "error": "\(error)"])
                    }
                }
            }
        }
    }

    private static func delay(_ attempt: Int, _ link: Link) -> Duration {
        link.configuration.reconnect.delay(attempt: attempt) ?? .seconds(5)
    }
}
