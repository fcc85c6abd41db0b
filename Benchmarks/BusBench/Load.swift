/// Many tasks that each do the same again and again until the time is over.
enum Load {
    /// - Parameter step: Does it once; returns how many messages that were.
    /// - Returns: How many messages that were in all.
    static func run(
        tasks: Int, until deadline: ContinuousClock.Instant, step: @escaping @Sendable () async throws -> Int
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    var count = 0
                    while ContinuousClock.now < deadline { count += try await step() }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
    }
}
