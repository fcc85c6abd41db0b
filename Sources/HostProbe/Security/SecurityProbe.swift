import Glibc

/// Reads what a host says of its own safety; some milliseconds, so not for every sample. Belongs to one thread.
package final class SecurityProbe {
    /// The settings of the kernel that are looked at.
    package static let settings = [
        "kernel.randomize_va_space", "kernel.kptr_restrict", "kernel.dmesg_restrict", "kernel.yama.ptrace_scope",
        "kernel.unprivileged_bpf_disabled", "fs.protected_hardlinks", "fs.protected_symlinks", "fs.suid_dumpable",
        "net.ipv4.tcp_syncookies", "net.ipv4.conf.all.accept_redirects", "net.ipv4.conf.all.accept_source_route",
    ]

    private static let files = [
        "/etc/passwd", "/etc/shadow", "/etc/sudoers", "/etc/crontab", "/etc/ssh/sshd_config", "/var/run/docker.sock",
    ]
    private static let vulnerabilities = "/sys/devices/system/cpu/vulnerabilities"
    /// Processes that are looked at.
    private static let maximumProcesses = 32_768

    private let root: String
    private let buffer = ReadBuffer()

    package init(root: String = "/") { self.root = HostSampler.prefix(root) }

    package func read() -> SecurityReading {
        var reading = SecurityReading()
        reading.vulnerabilities = readVulnerabilities()
        for name in Self.settings {
            let path = "/proc/sys/" + name.split(separator: ".").joined(separator: "/")
            reading.settings[name] = KernelFile(root: root, path).signedInteger(buffer)
        }
        reading.modules = KernelFile(root: root, "/sys/kernel/security/lsm").text(buffer)
            .map { $0.split(separator: ",").map(String.init) }
        reading.listeners = readListeners()
        reading.accounts = readAccounts()
        reading.files = Self.files.compactMap(mode)
        reading.replacedPrograms = readReplacedPrograms()
        reading.wantsReboot = access(root + "/var/run/reboot-required", F_OK) == 0
        return reading
    }

    private func readVulnerabilities() -> [SecurityReading.Vulnerability]? {
        let names = KernelFolder.names(root + Self.vulnerabilities)
        guard !names.isEmpty else { return nil }
        return names.compactMap { name in
            KernelFile(root: root, "\(Self.vulnerabilities)/\(name)").text(buffer).map {
                .init(name: name, status: $0)
            }
        }
    }

    /// Of both families; nil when neither file can be read.
    private func readListeners() -> [ListeningSocket]? {
        let found = ["/proc/net/tcp", "/proc/net/tcp6"].map { path in
            try? KernelFile(root: root, path).read(buffer) { bytes throws(ProbeError) in ListeningSocket.all(bytes) }
        }
        return found.allSatisfy { $0 == nil } ? nil : found.flatMap { $0 ?? [] }
    }

    private func readAccounts() -> LocalAccounts? {
        let superusers = try? KernelFile(root: root, "/etc/passwd").read(buffer) { bytes throws(ProbeError) in
            LocalAccounts.names(bytes, whereField: 2) { field in
                var field = field
                return field.integer() == 0
            }
        }
        guard let superusers else { return nil }
        let withoutPassword = try? KernelFile(root: root, "/etc/shadow").read(buffer) { bytes throws(ProbeError) in
            LocalAccounts.names(bytes, whereField: 1) { $0.isAtEnd }
        }
        return LocalAccounts(superusers: superusers, withoutPassword: withoutPassword)
    }

    private func mode(of path: String) -> SecurityReading.FileMode? {
        var information = stat()
        guard stat(root + path, &information) == 0 else { return nil }
        return .init(path: path, mode: information.st_mode & 0o7777)
    }

    /// Nil when no process shows its program.
    private func readReplacedPrograms() -> [SecurityReading.ReplacedProgram]? {
        var replaced: [SecurityReading.ReplacedProgram] = []
        var isAnyShown = false
        let pids = KernelFolder.numbers(root + "/proc", atMost: Self.maximumProcesses)
        for pid in pids {
            guard let path = Self.target(of: "\(root)/proc/\(pid)/exe") else { continue }
            isAnyShown = true
            guard path.hasSuffix(" (deleted)"), !path.hasPrefix("/memfd:") else { continue }
            replaced.append(.init(pid: pid, path: String(path.dropLast(" (deleted)".count))))
        }
        return isAnyShown ? replaced : nil
    }

    private static func target(of link: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
