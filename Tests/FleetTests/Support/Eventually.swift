import BusTestKit
import Runtime

/// Asks again until there is an answer, on a thread of its own.
func eventually<T: Sendable>(
    _ what: String, seconds: Int = 30, _ body: @escaping @Sendable () throws -> T?
) async throws -> T {
    let thread = BlockingThread(name: "test-asks")
    defer { thread.submit {} }
    return try await withDeadline(what, seconds: seconds) {
        while true {
            if let answer = try await thread.run({ try body() }) { return answer }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
