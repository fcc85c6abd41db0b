package import Glibc
internal import Runtime
internal import Synchronization

/// A program that a test starts and ends, with its output read by a thread of its own.
package final class ChildProcess: Sendable {
    package let pid: pid_t
    private let reader: BlockingThread
    private let output: Output
    private let status = Mutex<Int32?>(nil)

    /// Starts a program with these arguments and exactly this environment; standard error joins standard output.
    package init(_ path: String, _ arguments: [String], environment: [String: String]) throws {
        var pipes: [Int32] = [0, 0]
        guard pipe(&pipes) == 0 else { throw ChildFailure("pipe: errno \(errno)") }
        for descriptor in pipes { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
        posix_spawn_file_actions_adddup2(&actions, pipes[1], 2)
        var child: pid_t = 0
        let code = Self.withCStrings([path] + arguments) { argv in
            Self.withCStrings(environment.map { "\($0)=\($1)" }) { envp in
                posix_spawn(&child, path, &actions, nil, argv, envp)
            }
        }
        close(pipes[1])
        guard code == 0 else {
            close(pipes[0])
            throw ChildFailure("cannot start \(path): error \(code)")
        }
        pid = child
        output = Output()
        reader = BlockingThread(name: "child-output")
        reader.submit { [output, descriptor = pipes[0]] in output.read(from: descriptor) }
    }

    deinit {
        if status.withLock({ $0 }) == nil {
            kill(pid, SIGKILL)
            var ignored: Int32 = 0
            waitpid(pid, &ignored, 0)
        }
    }

    /// The first line that contains the text; nil when the output ends without it.
    package func line(containing text: String) async -> String? { await output.line(containing: text) }

    /// Everything written so far.
    package var text: String { output.text }

    package func send(_ signal: Int32) { kill(pid, signal) }

    /// Waits for the end; the exit status, or 128 + the signal that killed it.
    @discardableResult
    package func wait() async throws -> Int32 {
        let thread = BlockingThread(name: "child-wait")
        defer { thread.submit {} }
        let code = try await thread.run { [self] in
            if let known = status.withLock({ $0 }) { return known }
            var raw: Int32 = 0
            while waitpid(pid, &raw, 0) < 0, errno == EINTR {}
            let code = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
            status.withLock { $0 = code }
            return code
        }
        await output.end()
        return code
    }

    private static func withCStrings<R>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        var pointers = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("the list ends with nil") }
            return body(base)
        }
    }
}

package struct ChildFailure: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// The lines a child has written, and those who wait for one.
private final class Output: Sendable {
    private struct State {
        var lines: [String] = []
        var partial = ""
        var isEnded = false
        var waiters: [(text: String?, continuation: CheckedContinuation<String?, Never>)] = []
    }

    private let state = Mutex(State())

    var text: String { state.withLock { ($0.lines + [$0.partial]).joined(separator: "\n") } }

    func read(from descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            add(String(decoding: buffer.prefix(count), as: UTF8.self))
        }
        close(descriptor)
        let waiters = state.withLock { state in
            state.isEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }

    func line(containing text: String) async -> String? {
        await withCheckedContinuation { continuation in
            let known: String?? = state.withLock { state in
                if let line = state.lines.first(where: { $0.contains(text) }) { return .some(line) }
                if state.isEnded { return .some(nil) }
                state.waiters.append((text, continuation))
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    func end() async {
        _ = await withCheckedContinuation { continuation in
            let isEnded = state.withLock { state in
                if !state.isEnded { state.waiters.append((nil, continuation)) }
                return state.isEnded
            }
            if isEnded { continuation.resume(returning: nil) }
        }
    }

    private func add(_ text: String) {
        let found = state.withLock { state in
            let parts = (state.partial + text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            state.partial = parts.last ?? ""
            let new = parts.dropLast()
            state.lines += new
            var found: [(CheckedContinuation<String?, Never>, String)] = []
            state.waiters.removeAll { waiter in
                guard let text = waiter.text, let line = new.first(where: { $0.contains(text) }) else { return false }
                found.append((waiter.continuation, line))
                return true
            }
            return found
        }
        for (continuation, line) in found { continuation.resume(returning: line) }
    }
}
