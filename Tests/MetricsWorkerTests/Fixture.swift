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
        try write(
            "/proc/pressure/cpu",
            "some avg10=3.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n")
        try write("/proc/pressure/memory", "some avg10=1.50 avg60=0.00 avg300=0.00 total=1\n")
        try write("/proc/pressure/io", "some avg10=4.50 avg60=0.00 avg300=0.00 total=1\n")
        try write("/proc/vmstat", "pgpgin \(seconds)\npgpgout 0\npswpin 0\npswpout 0\npgmajfault 0\noom_kill 3\n")
        try write("/proc/net/snmp", "Tcp: CurrEstab OutSegs RetransSegs\nTcp: 7 \(seconds * 30) \(seconds * 10)\n")
        try write("/proc/net/sockstat", "sockets: used 9\nTCP: inuse 4 orphan 0 tw 2 alloc 5 mem 1\n")
        try write("/proc/sys/fs/file-nr", "64 0 1000\n")
        try write("/proc/self/cgroup", "0::/w\n")
        let group = "/sys/fs/cgroup/w"
        try write(group + "/memory.max", "409600\n")
        try write(group + "/memory.current", "204800\n")
        try write(group + "/memory.stat", "inactive_file 102400\n")
        try write(group + "/cpu.max", "100000 100000\n")
        try write(group + "/cpu.stat", "usage_usec \(seconds * 250_000)\nnr_periods \(seconds * 10)\nnr_throttled 0\n")
        try write("/sys/fs/cgroup/cpuset.cpus.effective", "0-1\n")
        let container = "/sys/fs/cgroup/lxc.payload.web"
        try write(container + "/memory.current", "204800\n")
        try write(container + "/memory.stat", "inactive_file 102400\n")
        try write(container + "/cpu.max", "200000 100000\n")
        try write(
            container + "/cpu.stat", "usage_usec \(seconds * 500_000)\nnr_periods \(seconds * 10)\nnr_throttled 0\n")
        try write(container + "/pids.current", "4\n")
        try write(container + "/io.stat", "8:0 rbytes=4096 wbytes=\(seconds * 512) rios=1 wios=1\n")
        let block = "cpu MHz\t\t: 2500.500\nphysical id\t: 0\ncore id\t\t: 0\n\n"
        try write("/proc/cpuinfo", "processor\t: 0\n\(block)processor\t: 1\n\(block)")
        try write("/sys/class/hwmon/hwmon0/name", "coretemp\n")
        try write("/sys/class/hwmon/hwmon0/temp1_input", "61000\n")
        try write(
            "/proc/self/mountinfo",
            "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:2 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
    }

    /// A sampler of this host on a test's clock.
    func probe(_ time: ManualTime) -> @Sendable () -> HostSampler {
        { [path] in HostSampler(root: path, monotonic: { time.uptime }) }
    }
}
