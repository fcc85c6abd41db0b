internal import Runtime

/// One reading connection on its thread.
struct Reader: Sendable {
    let connection: ThreadConfined<Connection>
    let thread: BlockingThread

    func read<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        try await thread.run { try perform(body) }
    }

    /// On the reader's thread only.
    func perform<T>(_ body: (Connection) throws -> T) throws -> T {
        let connection = connection.value
        try connection.run("BEGIN")
        // Ending a read transaction cannot fail in a way that matters: nothing was written.
        defer { _ = try? connection.run("COMMIT") }
        return try body(connection)
    }

    func close() async throws { try await thread.run { connection.value.close() } }
}
