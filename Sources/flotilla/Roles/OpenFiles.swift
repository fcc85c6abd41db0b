import Glibc

/// The descriptors that this process may have open: one for each connection, and those of the databases and brokers.
enum OpenFiles {
    /// Kept for everything but the connections of clients.
    private static let reserve = 1000

    /// Raises the limit of the process as far as it may by itself: the usual 1,024 are for programs that use `select`.
    static func raiseLimit() {
        guard var limit = limit, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        // Without it the limit stays what it was, which `connections` goes by.
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// How many connections leave the reserve; at least a few.
    static func connections(atMost wanted: Int) -> Int {
        guard let limit, limit.rlim_cur != rlim_t.max else { return wanted }
        return max(64, min(wanted, Int(clamping: limit.rlim_cur) - reserve))
    }

    private static var limit: rlimit? {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
    }
}
