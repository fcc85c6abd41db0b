import Contracts
import HostProbe
import Testing

@testable import MetricsWorker

@Suite struct SecurityReviewTests {
    private func review(_ change: (inout SecurityReading) -> Void) -> [String: SecurityReview.Check] {
        var reading = SecurityReading()
        change(&reading)
        let checks = SecurityReview(reading).checks
        return Dictionary(checks.map { ($0.name, $0) }) { first, _ in first }
    }

    @Test func whatIsNotSaidIsUnknown() {
        let checks = review { _ in }
        #expect(checks.values.allSatisfy { $0.outcome == .unknown && $0.severity == nil && $0.advice == nil })
        #expect(checks.count == 18)
    }

    @Test(arguments: [
        ("kernel.randomize_va_space", 1, 2), ("kernel.unprivileged_bpf_disabled", 0, 2), ("fs.suid_dumpable", 1, 2),
        ("net.ipv4.conf.all.accept_source_route", 1, 0), ("fs.protected_symlinks", 0, 1),
    ]) func settingsHaveTheirRules(name: String, bad: Int, good: Int) {
        let finding = review { $0.settings[name] = Int64(bad) }[name]
        #expect(finding?.outcome == .finding && finding?.evidence == "\(bad)" && finding?.severity != nil)
        #expect(finding?.advice?.contains(name) == true)
        let passed = review { $0.settings[name] = Int64(good) }[name]
        #expect(passed?.outcome == .passed && passed?.evidence == "\(good)" && passed?.severity == nil)
    }

    @Test func processorsAndModules() {
        let checks = review { reading in
            reading.vulnerabilities = [
                .init(name: "mds", status: "Vulnerable; SMT vulnerable"), .init(name: "l1tf", status: "Not affected"),
            ]
            reading.modules = ["lockdown", "capability"]
        }
        #expect(checks["cpu.mds"]?.outcome == .finding)
        #expect(checks["cpu.l1tf"]?.outcome == .passed)
        #expect(checks["security_modules"]?.outcome == .finding)
        #expect(review { $0.modules = ["selinux"] }["security_modules"]?.outcome == .passed)
    }

    @Test func accountsProgramsAndFiles() {
        let checks = review { reading in
            reading.accounts = LocalAccounts(superusers: ["root", "toor"], withoutPassword: nil)
            reading.replacedPrograms = (1...12).map { .init(pid: $0, path: "/bin/p") }
            reading.files = [
                .init(path: "/etc/passwd", mode: 0o644), .init(path: "/etc/shadow", mode: 0o644),
                .init(path: "/var/run/docker.sock", mode: 0o666),
            ]
        }
        #expect(checks["accounts.superusers"]?.evidence == "toor")
        #expect(checks["accounts.empty_passwords"]?.outcome == .unknown)
        #expect(checks["programs.replaced"]?.evidence?.hasSuffix("/bin/p (10) and 2 more") == true)
        #expect(checks["file./etc/passwd"]?.outcome == .passed)
        #expect(checks["file./etc/shadow"]?.severity == .critical)
        #expect(checks["file./var/run/docker.sock"]?.evidence == "0666")
    }

    @Test func openPortsAreListedAndUnguardedOnesFound() {
        let checks = review { reading in
            reading.listeners = [
                .init(address: "0.0.0.0", port: 22, user: 0, isLoopback: false),
                .init(address: "127.0.0.1", port: 11211, user: 0, isLoopback: true),
                .init(address: "::", port: 6379, user: 0, isLoopback: false),
            ]
        }
        #expect(checks["network.listeners"]?.evidence == "22 6379")
        #expect(checks["network.port.6379"]?.outcome == .finding)
        #expect(checks["network.port.11211"] == nil)
    }
}
