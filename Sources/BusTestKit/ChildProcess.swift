package import Glibc
internal import Runtime
internal import Synchronization

/// A program that a test starts and ends, with its output read by a thread of its own.
package final class ChildProcess: Sendable {
    package let pid: pid_t
    private let reader: BlockingThread
    private let output: ChildOutput
    private let input: ChildInput?
    private let status = Mutex<Int32?>(nil)

    /// Starts a program with these arguments and exactly this environment; standard error joins standard output.
    /// - Parameters:
    ///   - takesInput: Whether `write` reaches its standard input, which is `/dev/null` otherwise. That input ends with
    ///     this process, however it dies.
    ///   - leadsGroup: Whether it leads a process group of its own, out of reach of a terminal's Ctrl-C.
    package init(
        _ path: String, _ arguments: [String], environment: [String: String], takesInput: Bool = false,
        leadsGroup: Bool = false
    ) throws {
        let input = takesInput ? try ChildInput.pair() : nil
        defer { if let input { close(input.theirs) } }
        let (child, output) = try ChildSpawn(
            path: path, arguments: arguments, environment: environment, input: input?.theirs, leadsGroup: leadsGroup
        ).start()
        pid = child
        self.input = input?.ours
        self.output = ChildOutput()
        reader = BlockingThread(name: "child-output")
        reader.submit { [lines = self.output] in lines.read(from: output) }
    }

    deinit { end() }

    /// The first line that contains the text; nil when the output ends without it.
    package func line(containing text: String) async -> String? { await output.line(0) { $0.contains(text) } }

    /// The line at that place, from 0, among those that match; nil when the output ends without it.
    package func line(_ index: Int, where matches: @escaping @Sendable (String) -> Bool) async -> String? {
        await output.line(index, where: matches)
    }

    /// Everything written so far.
    package var text: String { output.text }

    package func send(_ signal: Int32) {
        // Under the lock that reaps: the number may belong to another process afterwards.
        status.withLock { if $0 == nil { kill(pid, signal) } }
    }

    /// Writes to its standard input.
    package func write(_ text: String) throws {
        guard let input else { throw ChildFailure("the child takes no input") }
        try input.write(text)
    }

    /// Ends its standard input.
    package func closeInput() { input?.close() }

    /// Waits for the end of it and of whoever shares its output or its input; the exit status, or 128 + the signal that
    /// killed it.
    @discardableResult
    package func wait() async throws -> Int32 {
        let thread = BlockingThread(name: "child-wait")
        defer { thread.submit {} }
        let code = try await thread.run { [self] in
            let code = reap()
            input?.closeWhenUnread()
            return code
        }
        await output.end()
        return code
    }

    /// Kills it and waits for its death, blocking: for where nothing can be awaited.
    package func end() {
        send(SIGKILL)
        reap()
        input?.closeWhenUnread()
    }

    /// Ends its input and waits, blocking, until it has done what it does then; kills it after 5 s.
    package func finish() {
        input?.closeWhenUnread()
        end()
    }

    /// Waits for the death and takes the status. Of several callers one takes it, the others get it from that one.
    @discardableResult
    private func reap() -> Int32 {
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        return status.withLock { status in
            if let status { return status }
            var raw: Int32 = 0
            while waitpid(pid, &raw, 0) < 0, errno == EINTR {}
            let code = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
            status = code
            return code
        }
    }
}

package struct ChildFailure: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
