import Contracts
import Ingress
import Runtime

/// The samples that leave as many rows of hosts, as large, as a year at one sample a second does: each second of the last
/// hour, two a minute of the last week, two an hour of the last year. A row of one sample would be smaller.
struct SampleFill {
    /// As the contract bounds `hours`.
    private static let year: Int64 = 8760 * 3600
    private static let week: Int64 = 7 * 86_400
    private static let hour: Int64 = 3600

    let path: String
    let hosts: Int

    func run() async throws -> FillResult {
        let time = SystemTime()
        let projection = HostProjection(interval: .seconds(1), time: time)
        var fill = try await Fill(path: path, projection: projection)
        let end = time.now.microseconds / 1_000_000
        var second = end - Self.year + Self.hour
        while second < end {
            for host in 0..<hosts {
                let sample = sample(host, second)
                try await fill.add(key: sample.host, body: sample.json, at: sample.timestamp)
            }
            let age = end - second
            second += age > Self.week ? Self.hour / 2 : age > Self.hour ? 30 : 1
        }
        try await fill.flush()
        return try await fill.finish(tables: ["host_seconds", "host_minutes", "host_ten_minutes", "host_hours"])
    }

    private func sample(_ host: Int, _ second: Int64) -> HostSample {
        // Fractions, as measured numbers have: whole ones take less room in SQLite. Other values each second, so that no
        // metric of a row is constant but those that are on most hosts: steal, swap and the file systems.
        let load = Double((second / 60 + Int64(host) * 7) % 100) + 0.37 + Double(second % 7) / 100
        var sample = HostSample(
            host: "bench-\(host)", timestamp: Timestamp(microseconds: second * 1_000_000), interval: 1, uptime: 86_400,
            cpu: CPUSample(
                busyPercent: load, ioWaitPercent: load / 50, stealPercent: 0, logicalCores: 8, frequencyMHz: 2400,
                load1: load / 12.5, pressurePercent: load / 30),
            memory: MemorySample(
                total: 16 << 30, available: 6 << 30, used: (10 << 30) + Int(second % 4096) << 12,
                usedPercent: 62.5 + load / 1000, swapTotal: 1 << 30, swapUsed: 0, swapUsedPercent: 0,
                pressurePercent: load / 40),
            fileSystems: [
                FileSystemSample(
                    mountPoint: "/", total: 100 << 30, used: 40 << 30, available: 60 << 30, usedPercent: 40)
            ],
            disks: [
                DiskSample(
                    device: "vda", readBytesPerSecond: 1_048_576 * load, writtenBytesPerSecond: 2_097_152 + load,
                    busyPercent: load / 3)
            ],
            network: NetworkSample(
                receivedBytes: 1000, sentBytes: 2000, receivedBytesPerSecond: 1500 * load, sentBytesPerSecond: 90 * load
            ),
            gpuReason: "no NVIDIA driver")
        sample.cpu.temperatureCelsius = 40 + load / 4
        return sample
    }
}
