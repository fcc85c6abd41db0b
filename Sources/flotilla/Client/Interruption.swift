import Runtime

/// Lets Ctrl-C end a command that would go on for ever.
enum Interruption {
    /// Runs the body, cancelled by SIGINT or SIGTERM.
    /// - Returns: Whether a signal ended it.
    /// - Throws: What the body throws.
    static func endsEarly(
        time: any TimeSource, _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Bool {
        do {
            try await ServiceGroup([Following(body: body)], time: time, logger: .silent).run()
            return true
        } catch ServiceGroupError.endedUnexpectedly {
            // The body came to its own end.
            return false
        } catch ServiceGroupError.failed(_, let error) {
            throw error
        }
    }

    /// The body as a service, because a service group is what catches signals.
    private struct Following: Service {
        let name = "following"
        let body: @Sendable () async throws -> Void

        func run(_ lifecycle: Lifecycle) async throws {
            lifecycle.started()
            _ = try await lifecycle.untilStop(body)
        }
    }
}
