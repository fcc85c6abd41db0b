import BusTestKit
import Glibc
import HostProbe
import Runtime
import Testing

@testable import MetricsWorker

/// A temporary folder that stands for `/` of a host.
final class Fixture: Sendable {
    private let folder: TemporaryFolder

    var path: String { folder.path }

    init() throws { folder = try TemporaryFolder() }

    /// Writes a file in place, so that descriptors that are open see the new contents.
    func write(_ file: String, _ text: String) throws {
        var parent = path
        for name in file.split(separator: "/").dropLast() {
            parent += "/" + name
            try #require(mkdir(parent, 0o755) == 0 || errno == EEXIST)
        }
        let descriptor = open(path + file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        #expect(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }

    func remove(_ file: String) { unlink(path + file) }

    /// Two processors, of which the first was busy and the second idle for `seconds` since boot.
    func writeHost(seconds: Int) throws {
        let ticks = seconds * 100
        try write(
            "/proc/stat",
            "cpu  \(ticks) 0 0 \(ticks) 0 0 0 0\ncpu0 \(ticks) 0 0 0 0 0 0 0\ncpu1 0 0 0 \(ticks) 0 0 0 0\n")
        try write(
            "/proc/meminfo",
            "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 250 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n")
        try write("/proc/loadavg", "0.50 1.00 2.00 1/90 7\n")
        try write("/proc/uptime", "\(seconds).25 1.00\n")
        try write(
            "/proc/diskstats",
            "8 0 sda 1 0 \(seconds * 2048) 0 1 0 8 0 0 \(seconds * 500) 1\n8 1 sda1 1 0 \(seconds * 2048) 0 1 0 8 0 0 1 1\n"
        )
        try write(
            "/proc/net/dev",
            "lo: 77 1 0 0 0 0 0 0 77 1 0 0\neth0: \(seconds * 1000) 5 0 0 0 0 0 0 \(seconds * 2000) 6 0 0\n")
        try write("/proc/pressure/cpu", "some avg10=3.00 avg60=0.00 avg300=0.00 total=1\n")
        try write("/proc/pressure/memory", "some avg10=1.50 avg60=0.00 avg300=0.00 total=1\n")
        try write("/proc/self/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n")
    }

    /// A sampler of this host on a test's clock.
    func probe(_ time: ManualTime) -> @Sendable () -> HostSampler {
        { [path] in HostSampler(root: path, monotonic: { time.uptime }) }
    }
}
