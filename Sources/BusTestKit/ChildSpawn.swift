internal import Glibc
internal import Synchronization

/// How a child is started: `posix_spawn` with what the child must not inherit taken away.
struct ChildSpawn {
    let path: String
    let arguments: [String]
    let environment: [String: String]
    /// The descriptor that becomes standard input; nil for `/dev/null`.
    let input: Int32?
    let leadsGroup: Bool

    /// Held from the making of a pipe until the child has its end: a child that another thread starts in between would
    /// inherit that end, and the pipe would end with the wrong child. (Swift does not import `pipe2`.)
    private static let turn = Mutex(())

    /// - Returns: The child's process id, and the descriptor its standard output and standard error are read from.
    func start() throws -> (child: pid_t, output: Int32) {
        try Self.turn.withLock { _ in
            var pipes: [Int32] = [0, 0]
            guard pipe(&pipes) == 0 else { throw ChildFailure("pipe: errno \(errno)") }
            for descriptor in pipes { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
            defer { close(pipes[1]) }
            do {
                return (try spawn(output: pipes[1]), pipes[0])
            } catch {
                close(pipes[0])
                throw error
            }
        }
    }

    private func spawn(output: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The calling thread may block signals; a child that inherits that is deaf to SIGTERM.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let group = leadsGroup ? POSIX_SPAWN_SETPGROUP : 0
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group))

        var child: pid_t = 0
        let code = Self.withCStrings([path] + arguments) { argv in
            Self.withCStrings(environment.map { "\($0)=\($1)" }) { envp in
                posix_spawn(&child, path, &actions, &attributes, argv, envp)
            }
        }
        guard code == 0 else { throw ChildFailure("cannot start \(path): error \(code)") }
        return child
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
