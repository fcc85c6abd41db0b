import Contracts
import HostProbe

/// The checks of a host, each an explainable rule over what was read.
extension SecurityReview {
    /// Things that one check lists.
    private static let maximumListed = 10

    init(_ reading: SecurityReading) {
        self.init(
            checks: Self.vulnerabilities(reading) + Self.settings(reading)
                + [
                    Self.modules(reading), Self.superusers(reading), Self.emptyPasswords(reading),
                    Self.replacedPrograms(reading), Self.reboot(reading),
                ] + Self.files(reading) + Self.listeners(reading))
    }

    private static func vulnerabilities(_ reading: SecurityReading) -> [Check] {
        guard let known = reading.vulnerabilities else {
            return [Check("cpu_vulnerabilities", .unknown, "Weaknesses of the processors", evidence: nil)]
        }
        return known.map { weakness in
            let name = "cpu.\(weakness.name)"
            guard weakness.status.hasPrefix("Vulnerable") else {
                return Check(name, .passed, "A weakness of the processors", evidence: weakness.status)
            }
            return Check(
                name, .finding, "The processors are vulnerable to \(weakness.name)", evidence: weakness.status,
                severity: .medium,
                advice: "Update the kernel and the processors' microcode; see that mitigations are not switched off.")
        }
    }

    /// A setting of the kernel and from where on it is safe.
    private struct SettingRule {
        let name: String
        let title: String
        let severity: AlertChange.Severity
        let isSafe: @Sendable (Int64) -> Bool
        let wanted: String
    }

    private static let settingRules = [
        SettingRule(
            name: "kernel.randomize_va_space", title: "Addresses of programs are not fully randomized",
            severity: .high, isSafe: { $0 >= 2 }, wanted: "2"),
        SettingRule(
            name: "kernel.kptr_restrict", title: "Addresses of the kernel are shown to everybody", severity: .low,
            isSafe: { $0 >= 1 }, wanted: "1"),
        SettingRule(
            name: "kernel.dmesg_restrict", title: "Messages of the kernel are shown to everybody", severity: .low,
            isSafe: { $0 >= 1 }, wanted: "1"),
        SettingRule(
            name: "kernel.yama.ptrace_scope", title: "A program may read every other program of its user",
            severity: .low, isSafe: { $0 >= 1 }, wanted: "1"),
        SettingRule(
            name: "kernel.unprivileged_bpf_disabled", title: "Everybody may load BPF programs", severity: .medium,
            isSafe: { $0 >= 1 }, wanted: "1"),
        SettingRule(
            name: "fs.protected_hardlinks", title: "Hard links to strangers' files can be made", severity: .medium,
            isSafe: { $0 == 1 }, wanted: "1"),
        SettingRule(
            name: "fs.protected_symlinks", title: "Symbolic links in shared folders are followed", severity: .medium,
            isSafe: { $0 == 1 }, wanted: "1"),
        SettingRule(
            name: "fs.suid_dumpable", title: "Privileged programs leave core dumps that others may read",
            severity: .medium, isSafe: { $0 != 1 }, wanted: "0"),
        SettingRule(
            name: "net.ipv4.tcp_syncookies", title: "Nothing is done against floods of connections", severity: .low,
            isSafe: { $0 >= 1 }, wanted: "1"),
        SettingRule(
            name: "net.ipv4.conf.all.accept_redirects", title: "Routers may redirect this host's traffic",
            severity: .low, isSafe: { $0 == 0 }, wanted: "0"),
        SettingRule(
            name: "net.ipv4.conf.all.accept_source_route", title: "Senders may choose the route of their packets",
            severity: .medium, isSafe: { $0 == 0 }, wanted: "0"),
    ]

    private static func settings(_ reading: SecurityReading) -> [Check] {
        settingRules.map { rule in
            guard let value = reading.settings[rule.name] else {
                return Check(rule.name, .unknown, "A setting of the kernel", evidence: nil)
            }
            guard !rule.isSafe(value) else {
                return Check(rule.name, .passed, "A setting of the kernel", evidence: "\(value)")
            }
            return Check(
                rule.name, .finding, rule.title, evidence: "\(value)", severity: rule.severity,
                advice: "Set \(rule.name) to \(rule.wanted) in a file of /etc/sysctl.d.")
        }
    }

    private static func modules(_ reading: SecurityReading) -> Check {
        let name = "security_modules"
        guard let modules = reading.modules else {
            return Check(name, .unknown, "Mandatory access control", evidence: nil)
        }
        let evidence = modules.joined(separator: ",")
        guard modules.allSatisfy({ !["apparmor", "selinux", "smack", "tomoyo"].contains($0) }) else {
            return Check(name, .passed, "Mandatory access control", evidence: evidence)
        }
        return Check(
            name, .finding, "No mandatory access control is active", evidence: evidence, severity: .low,
            advice: "Enable AppArmor or SELinux.")
    }

    private static func superusers(_ reading: SecurityReading) -> Check {
        list(
            "accounts.superusers", reading.accounts?.superusers.filter { $0 != "root" }, "Accounts with user id 0",
            "Accounts besides root have user id 0", .high, "Give these accounts other user ids, or remove them.")
    }

    private static func emptyPasswords(_ reading: SecurityReading) -> Check {
        list(
            "accounts.empty_passwords", reading.accounts?.withoutPassword, "Accounts with an empty password",
            "Accounts have an empty password", .critical, "Set passwords, or lock these accounts with passwd -l.")
    }

    private static func replacedPrograms(_ reading: SecurityReading) -> Check {
        list(
            "programs.replaced", reading.replacedPrograms.map { $0.map { "\($0.path) (\($0.pid))" } },
            "Programs whose file was replaced", "Programs run from files that were replaced or deleted", .low,
            "Restart them: they run without the updates of their files.")
    }

    private static func reboot(_ reading: SecurityReading) -> Check {
        let name = "reboot_required"
        guard reading.wantsReboot else {
            // Only Debian and its kin leave the file.
            return Check(name, .unknown, "Updates that wait for a reboot", evidence: nil)
        }
        return Check(
            name, .finding, "Updates wait for a reboot", evidence: "/var/run/reboot-required", severity: .medium,
            advice: "Reboot the host when it can be spared.")
    }

    private static func files(_ reading: SecurityReading) -> [Check] {
        reading.files.map { file in
            let evidence = "0" + String(file.mode, radix: 8)
            let isSecret = file.path == "/etc/shadow" || file.path == "/etc/sudoers"
            let isOpen = file.mode & 0o002 != 0 || (isSecret && file.mode & 0o004 != 0)
            guard isOpen else {
                return Check("file.\(file.path)", .passed, "Permissions of \(file.path)", evidence: evidence)
            }
            return Check(
                "file.\(file.path)", .finding, "Everybody may \(isSecret ? "read" : "change") \(file.path)",
                evidence: evidence, severity: .critical, advice: "Take the permissions of others away with chmod.")
        }
    }

    /// Services that ask for no password unless they are told to.
    private static let unguarded: [UInt16: String] = [
        2375: "the Docker API", 2379: "etcd", 6379: "Redis", 9200: "Elasticsearch", 11211: "memcached",
        27017: "MongoDB",
    ]

    private static func listeners(_ reading: SecurityReading) -> [Check] {
        guard let listeners = reading.listeners else {
            return [Check("network.listeners", .unknown, "Ports that are open to others", evidence: nil)]
        }
        let open = Set(listeners.filter { !$0.isLoopback }.map(\.port)).sorted()
        let all = Check(
            "network.listeners", .passed, "Ports that are open to others",
            evidence: open.isEmpty ? "none" : open.map(String.init).joined(separator: " "))
        return [all]
            + open.compactMap { port in
                unguarded[port].map { service in
                    Check(
                        "network.port.\(port)", .finding, "The port of \(service) is open to others",
                        evidence: listeners.filter { $0.port == port && !$0.isLoopback }.map(\.address)
                            .joined(separator: " "),
                        severity: .high,
                        advice: "See that it asks for a password, or bind it to a loopback address.")
                }
            }
    }

    /// A check that passes when a list is empty.
    private static func list(
        _ name: String, _ found: [String]?, _ title: String, _ problem: String, _ severity: AlertChange.Severity,
        _ advice: String
    ) -> Check {
        guard let found else { return Check(name, .unknown, title, evidence: nil) }
        guard !found.isEmpty else { return Check(name, .passed, title, evidence: "none") }
        let more = found.count > maximumListed ? " and \(found.count - maximumListed) more" : ""
        return Check(
            name, .finding, problem, evidence: found.prefix(maximumListed).joined(separator: ", ") + more,
            severity: severity, advice: advice)
    }
}
