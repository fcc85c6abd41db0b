import Glibc
import Testing

@testable import HostProbe

@Suite struct SecurityProbeTests {
    @Test func readsWhatTheHostSays() throws {
        let root = try FixtureRoot()
        try root.write("/sys/devices/system/cpu/vulnerabilities/meltdown", "Not affected\n")
        try root.write("/sys/devices/system/cpu/vulnerabilities/mds", "Vulnerable: Clear CPU buffers attempted\n")
        try root.write("/proc/sys/kernel/randomize_va_space", "2\n")
        try root.write("/proc/sys/fs/suid_dumpable", "-1\n")
        try root.write("/proc/sys/net/ipv4/tcp_syncookies", "yes\n")
        try root.write("/sys/kernel/security/lsm", "lockdown,capability,apparmor\n")
        try root.write("/etc/passwd", "root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\nann:x:1000:1000::/:/bin/sh\n")
        try root.write("/etc/shadow", "root:*:1:0\nann::1:0\n")
        try root.write("/var/run/reboot-required", "")
        chmod(root.path + "/etc/passwd", 0o666)
        try root.makeFolder("/proc/7")
        try root.makeFolder("/proc/8")
        try root.makeFolder("/proc/9")
        symlink("/usr/bin/old (deleted)", root.path + "/proc/7/exe")
        symlink("/usr/bin/fresh", root.path + "/proc/8/exe")
        symlink("/memfd:x (deleted)", root.path + "/proc/9/exe")

        let reading = SecurityProbe(root: root.path).read()
        #expect(
            reading.vulnerabilities == [
                .init(name: "mds", status: "Vulnerable: Clear CPU buffers attempted"),
                .init(name: "meltdown", status: "Not affected"),
            ])
        #expect(reading.settings == ["kernel.randomize_va_space": 2, "fs.suid_dumpable": -1])
        #expect(reading.modules == ["lockdown", "capability", "apparmor"])
        #expect(reading.accounts == LocalAccounts(superusers: ["root", "toor"], withoutPassword: ["ann"]))
        #expect(reading.files.first { $0.path == "/etc/passwd" }?.mode == 0o666)
        #expect(reading.replacedPrograms == [.init(pid: 7, path: "/usr/bin/old")])
        #expect(reading.wantsReboot)
        #expect(reading.listeners == nil)
    }

    @Test func anEmptyHostSaysNothing() throws {
        #expect(SecurityProbe(root: try FixtureRoot().path).read() == SecurityReading())
    }

    @Test func listenersOfBothFamilies() throws {
        let root = try FixtureRoot()
        let head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        try root.write(
            "/proc/net/tcp",
            head + "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1\n"
                + "   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2\n"
                + "   2: 0100007F:1F91 0100007F:1234 01 00000000:00000000 00:00000000 00000000     0        0 3\n"
                + "   3: broken\n   4: 0100007F:XYZ 00000000:0000 0A 0 0 0 0\n")
        try root.write(
            "/proc/net/tcp6",
            head + "   0: 00000000000000000000000001000000:18EB 00000000000000000000000000000000:0000 0A "
                + "00000000:00000000 00:00000000 00000000  33        0 4\n"
                + "   1: 0000000000000000FFFF00000100007F:1F92 00000000000000000000000000000000:0000 0A "
                + "00000000:00000000 00:00000000 00000000  33        0 5\n"
                + "   2: 00000000000000000000000000000000:18EB 00000000000000000000000000000000:0000 0A "
                + "00000000:00000000 00:00000000 00000000  33        0 6\n")
        let listeners = SecurityProbe(root: root.path).read().listeners
        let expected: [(String, UInt16, UInt32, Bool)] = [
            ("127.0.0.1", 8080, 1000, true), ("0.0.0.0", 22, 0, false), ("::1", 6379, 33, true),
            ("::ffff:127.0.0.1", 8082, 33, true), ("::", 6379, 33, false),
        ]
        #expect(listeners?.count == expected.count)
        for (socket, wanted) in zip(listeners ?? [], expected) {
            #expect((socket.address, socket.port, socket.user, socket.isLoopback) == wanted)
        }
    }

    @Test func thisHostCanBeRead() {
        let reading = SecurityProbe().read()
        #expect(reading.settings["kernel.randomize_va_space"] != nil)
        #expect(reading.accounts?.superusers.contains("root") == true)
        #expect(reading.replacedPrograms != nil)
    }
}
