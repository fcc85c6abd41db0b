import Runtime
import Testing

@testable import Ingress

@Suite struct SystemHealthTests {
    private static func stats(cpu: Double = 10, ram: Double = 10, vram: Double = 10) -> HostStats {
        HostStats(
            timestamp: Timestamp(microseconds: 0), cpuPercent: cpu, ramUsed: 1, ramTotal: 10, ramPercent: ram,
            gpuPercent: 0, vramUsed: vram, vramTotal: 100, vramPercent: vram)
    }

    @Test(arguments: [
        (10.0, 10.0, 10.0, SystemHealth.Status.healthy, 0, 0, 0), (90, 90, 85, .healthy, 0, 0, 0),
        (90.1, 10, 10, .warning, 1, 0, 1), (10, 90.1, 10, .warning, 1, 0, 1), (95, 95, 10, .warning, 2, 0, 2),
        (10, 10, 85.1, .warning, 0, 1, 3), (10, 10, 95, .warning, 0, 1, 3),
        // Recommendations are given at critical too.
        (10, 10, 95.1, .critical, 1, 0, 3), (95, 10, 95.1, .critical, 2, 0, 4),
    ])
    func isJudgedStrictly(
        cpu: Double, ram: Double, vram: Double, status: SystemHealth.Status, issues: Int, warnings: Int,
        recommendations: Int
    ) {
        let health = SystemHealth(Self.stats(cpu: cpu, ram: ram, vram: vram), SystemConstraints())
        #expect(health.status == status)
        #expect(health.issues.count == issues)
        #expect(health.warnings.count == warnings)
        #expect(health.recommendations.count == recommendations)
        #expect(!health.message.isEmpty)
    }

    @Test func blockingIssuesComeInOrder() {
        let check = ResourceCheck(Self.stats(cpu: 90, ram: 90, vram: 95), SystemConstraints(), runningSessions: 2)
        #expect(!check.canStart)
        #expect(
            check.issues == [
                "VRAM usage too high: 95.0 %", "CPU usage too high: 90.0 %", "RAM usage too high: 90.0 %",
                "2 of 2 model sessions run already",
            ])
        #expect(
            ResourceCheck(Self.stats(cpu: 89.9, ram: 89.9, vram: 94.9), SystemConstraints(), runningSessions: 1)
                .canStart)
    }

    @Test(arguments: [
        ("bf16", true, 256, 6.0), ("fp16", false, 257, 0), ("int8", true, 128, 8), ("int8", false, 512, 4),
    ])
    func savingsAreThePublishedConstants(quantization: String, offloads: Bool, tile: Int, savings: Double) {
        let settings = GenerationSettings(quantization: quantization, offloads: offloads, tileSize: tile)
        #expect(settings.estimatedSavings == savings)
    }

    @Test func recommendationsGoByTheGPU() {
        let busy = GenerationSettings(quantization: "fp16", offloads: false, tileSize: 256, maximumVRAM: 4)
        var stats = Self.stats()
        stats.vramUsed = 2.5 * 1024
        stats.vramTotal = 8 * 1024
        #expect(busy.recommendations(for: stats).count == 3)
        stats.vramTotal = 24 * 1024
        #expect(busy.recommendations(for: stats).count == 1)
        stats.vramUsed = 1024
        #expect(busy.recommendations(for: stats) == [])
    }
}
