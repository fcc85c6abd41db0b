import Glibc
import Runtime

/// The file of `METRICS_SOURCE_FILE`: read again whenever it changed. Belongs to one thread.
///
/// A file that cannot be read or parsed, as one that is half written, leaves the last good values in force and is
/// logged once; one that is removed ends them.
final class OverrideFile {
    /// 64 KiB; a longer file is refused.
    static let maximumBytes = 64 << 10

    /// What tells one version of a file from another.
    private struct Version: Equatable {
        var device: UInt
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private let path: String
    private let logger: Logger
    private var version: Version?
    private var isMissing = false
    private var overrides = SampleOverrides()

    init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    func read() -> SampleOverrides {
        var information = stat()
        guard stat(path, &information) == 0 else {
            if !isMissing { logger.warning("metrics_source_unreadable", ["path": "\(path)", "errno": .init(errno)]) }
            isMissing = true
            version = nil
            overrides = SampleOverrides()
            return overrides
        }
        isMissing = false
        let current = Version(
            device: information.st_dev, inode: information.st_ino, size: information.st_size,
            seconds: information.st_mtim.tv_sec, nanoseconds: information.st_mtim.tv_nsec)
        if current != version {
            version = current
            load()
        }
        return overrides
    }

    private func load() {
        guard let bytes = contents() else { return }
        do {
            overrides = try SampleOverrides(json: bytes)
            logger.notice("metrics_source_applied", ["path": "\(path)", "fields": .init(overrides.values.count)])
            if !overrides.ignored.isEmpty {
                let names = overrides.ignored.joined(separator: " ")
                logger.warning("metrics_source_fields_ignored", ["path": "\(path)", "fields": "\(names)"])
            }
        } catch {
            logger.warning("metrics_source_malformed", ["path": "\(path)", "reason": "\(error)"])
        }
    }

    /// Nil when it cannot be read or is too long.
    private func contents() -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            logger.warning("metrics_source_unreadable", ["path": "\(path)", "errno": .init(errno)])
            return nil
        }
        defer { close(descriptor) }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.maximumBytes + 1) { buffer, count in
            while count < buffer.count {
                let part = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                let read = Glibc.read(descriptor, part.baseAddress, part.count)
                if read < 0, errno == EINTR { continue }
                if read < 0 { failure = errno }
                guard read > 0 else { break }
                count += read
            }
        }
        guard failure == 0, bytes.count <= Self.maximumBytes else {
            logger.warning(
                "metrics_source_unreadable",
                ["path": "\(path)", "errno": .init(failure), "bytes_allowed": .init(Self.maximumBytes)])
            return nil
        }
        return bytes
    }
}
