/// Children that do not outlive this process, even when it is killed.
///
/// `PR_SET_PDEATHSIG` is out of reach of `posix_spawn` and bound to a thread. So a shell stays beside the program and
/// reads an input that nobody writes to: it ends with this process, and the shell kills the group that both are in. The
/// number of the group cannot be taken by others while that shell is in it.
extension ChildProcess {
    private static let guardedStart = """
        exec 3<&0 </dev/null
        (while read -r line <&3; do :; done; kill -s KILL -- "-$$") >/dev/null 2>&1 &
        exec 3<&-
        exec "$@"
        """

    private static let removal = """
        while read -r line; do :; done
        for attempt in 1 2 3 4 5; do rm -rf -- "$1" && break; sleep 0.2; done
        """

    /// Starts a program that is killed, with all of its group, when this process ends. Its pid is the program's own.
    static func guarded(
        _ path: String, _ arguments: [String], environment: [String: String]
    ) throws -> ChildProcess {
        try ChildProcess(
            "/bin/sh", ["-c", guardedStart, "guard", path] + arguments, environment: environment, takesInput: true,
            leadsGroup: true)
    }

    /// Starts what deletes a folder when this process ends. Five attempts, because programs that are killed at the same
    /// moment may still be writing there.
    static func remover(of folder: String) throws -> ChildProcess {
        try ChildProcess(
            "/bin/sh", ["-c", removal, "remover", folder], environment: ["PATH": "/usr/bin:/bin"], takesInput: true,
            leadsGroup: true)
    }
}
