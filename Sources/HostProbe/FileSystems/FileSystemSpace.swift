import Glibc

/// The space of a file system in bytes (statvfs(3)).
package struct FileSystemSpace: Sendable, Hashable {
    package var total: UInt64
    /// With what is reserved for root.
    package var free: UInt64
    /// What users without privileges can still use.
    package var available: UInt64
    /// How many files it can have and how many more; 0 where it has no such limit (btrfs).
    package var inodes: UInt64
    package var freeInodes: UInt64

    package var used: UInt64 { total - min(free, total) }
    /// `used / (used + available)`, as `df` says it, 0–100; nil for a file system without blocks.
    package var usedPercent: Double? {
        let whole = Double(used) + Double(available)
        return whole > 0 ? Double(used) / whole * 100 : nil
    }

    /// 0–100; nil where the number of files has no limit.
    package var inodesUsedPercent: Double? {
        inodes > 0 ? Double(inodes - min(freeInodes, inodes)) / Double(inodes) * 100 : nil
    }

    package init(total: UInt64, free: UInt64, available: UInt64, inodes: UInt64 = 0, freeInodes: UInt64 = 0) {
        self.total = total
        self.free = free
        self.available = available
        self.inodes = inodes
        self.freeInodes = freeInodes
    }

    /// Asks the kernel; blocks for as long as the file system's server does not answer.
    @Sendable
    package static func of(_ path: String) throws(ProbeError) -> FileSystemSpace {
        var statistics = statvfs()
        while statvfs(path, &statistics) != 0 {
            guard errno == EINTR else {
                throw ProbeError(.unreadable, source: path, underlyingCode: errno)
            }
        }
        let block = UInt64(statistics.f_frsize)
        func bytes(_ blocks: UInt) -> UInt64 {
            let (bytes, isTooLarge) = UInt64(blocks).multipliedReportingOverflow(by: block)
            return isTooLarge ? .max : bytes
        }
        return FileSystemSpace(
            total: bytes(statistics.f_blocks), free: bytes(statistics.f_bfree),
            available: bytes(statistics.f_bavail), inodes: UInt64(statistics.f_files),
            freeInodes: UInt64(statistics.f_ffree))
    }
}

/// A mounted file system and how full it is.
package struct FileSystemUsage: Sendable, Hashable {
    package var mount: Mount
    /// Nil when the file system did not say.
    package var space: FileSystemSpace?
    /// Why `space` is nil.
    package var problem: ProbeError?

    package init(mount: Mount, space: FileSystemSpace?, problem: ProbeError? = nil) {
        self.mount = mount
        self.space = space
        self.problem = problem
    }
}
