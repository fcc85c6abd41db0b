internal import Runtime

/// Keeps a consumer attached to its link across outages.
enum Attachment {
    /// An attachment that ends sooner counts as failed: the next one waits longer.
    private static var goodAttachment: Duration { .seconds(5) }

    /// Attaches again whenever the attachment has ended, until the task is cancelled or the link is closed.
    /// - Parameters:
    ///   - first: Opens when the present attachment ends.
    ///   - attach: Attaches, and returns what opens when that ends.
    static func keep(
        _ name: String, on link: Link, first: Latch, attach: @Sendable () async throws(BusError) -> Latch
    ) async {
        var ended = first
        var attempt = 0
        while !Task.isCancelled {
            let began = link.time.uptime
            await ended.wait()
            if link.time.uptime - began >= goodAttachment { attempt = 0 }
            while !Task.isCancelled {
                guard await link.gate.untilReady() != nil else { return }
                do throws(BusError) {
                    // Cancelled: the loop ends by itself.
                    if attempt > 0 { try? await link.time.sleep(for: delay(attempt, link)) }
                    attempt += 1
                    ended = try await attach()
                    break
                } catch {
                    // 1, 2, 4, 8 … attempts: a queue that stays away is not spoken of every time.
                    if link.gate.obstacle == nil, attempt & (attempt - 1) == 0 {
                        link.logger.warning(
                            "rabbitmq_attach_failed",
                            ["name": "\(name)", "attempts": LogValue(attempt), "error": "\(error)"])
                    }
                }
            }
        }
    }

    private static func delay(_ attempt: Int, _ link: Link) -> Duration {
        link.configuration.reconnect.delay(attempt: attempt) ?? .seconds(5)
    }
}
