import Runtime

/// Gives back the memory that only the start of the process needed, once it is over.
struct StartupTrim: Service {
    let name = "startup-trim"
    let time: any TimeSource

    /// After the services have begun and done each thing once.
    private static let delay: Duration = .seconds(5)

    func run(_ lifecycle: Lifecycle) async throws {
        lifecycle.started()
        _ = try await lifecycle.untilStop {
            try await time.sleep(for: Self.delay)
            ProgramText.release()
            await Latch().wait()
        }
    }
}
