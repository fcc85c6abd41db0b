import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct SecurityRoutesTests {
    private static let path = "/api/v1/hardware/analyze/security"

    @Test func theHostIsAskedAndTheServiceLooksAtItself() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let host = try TestHost("alpha")
            try host.write("/proc/sys/kernel/randomize_va_space", "0\n")
            try host.write("/proc/sys/kernel/dmesg_restrict", "0\n")
            try host.write("/proc/sys/kernel/kptr_restrict", "1\n")
            try await host.working(on: ingress.bus) {
                let answer = try await ingress.client.get(Self.path, token: ingress.token(["hardware:security"]))
                #expect(answer.status == 200)
                let body = try answer.json()
                #expect(body["host"]?.string == "alpha")
                let findings = body["findings"].map { $0.elements.compactMap { $0["name"]?.string } }
                #expect(findings == ["kernel.randomize_va_space", "kernel.dmesg_restrict"])
                let checks = body["checks"].map { Array($0.elements) } ?? []
                func outcome(_ name: String) -> String? {
                    checks.first { $0["name"]?.string == name }?["outcome"]?.string
                }
                #expect(outcome("kernel.kptr_restrict") == "passed")
                #expect(outcome("accounts.empty_passwords") == "unknown")
                #expect(outcome("service.access") == "passed")
                #expect(outcome("service.encryption") == "passed")
                #expect(body["counts"]?["finding"]?.int == 2)
                #expect(checks.count > 15)
            }
        }
    }

    @Test func readersOfMetricsMayNot() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let answer = try await ingress.client.get(Self.path, token: ingress.token(["hardware:monitor"]))
            #expect(answer.status == 403)
            let unknown = try await ingress.client.get(
                Self.path + "?host=nobody", token: ingress.token(["hardware:security"]))
            #expect(unknown.status == 404)
            let noWorker = try await ingress.client.get(Self.path, token: ingress.token(["hardware:security"]))
            #expect(noWorker.status == 503)
        }
    }
}
