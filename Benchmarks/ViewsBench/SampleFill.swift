import Contracts
import Ingress
import Runtime

/// The samples that leave as many rows of hosts as a year at one sample a second does: each second of the last hour,
/// one a minute of the last week, one an hour of the last year.
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
            second += age > Self.week ? Self.hour : age > Self.hour ? 60 : 1
        }
        try await fill.flush()
        return try await fill.finish(tables: ["host_seconds", "host_minutes", "host_hours"])
    }

    private func sample(_ host: Int, _ second: Int64) -> HostSample {
        // Fractions, as measured numbers have: whole ones take less room in SQLite.
        let load = Double((second / 60 + Int64(host) * 7) % 100) + 0.37
        return HostSample(
            host: "bench-\(host)", timestamp: Timestamp(microseconds: second * 1_000_000), interval: 1, uptime: 86_400,
            cpu: CPUSample(busyPercent: load, logicalCores: 8, frequencyMHz: 2400, load1: load / 12.5),
            memory: MemorySample(
                total: 16 << 30, available: 6 << 30, used: (10 << 30) + Int(second % 4096) << 12, usedPercent: 62.5),
            fileSystems: [
                FileSystemSample(
                    mountPoint: "/", total: 100 << 30, used: 40 << 30, available: 60 << 30, usedPercent: 40)
            ],
            disks: [DiskSample(device: "vda", readBytesPerSecond: 1_048_576, writtenBytesPerSecond: 2_097_152)],
            network: NetworkSample(receivedBytes: 1000, sentBytes: 2000), gpuReason: "no NVIDIA driver")
    }
}
