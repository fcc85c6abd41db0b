internal import Contracts
internal import Runtime

/// The stream's samples as CSV (RFC 4180, with line feeds): one header, one line a sample, empty where unknown.
enum SystemMetricsCSV {
    static let header =
        "timestamp,host,stale,cpu_percent,memory_percent,memory_used_mb,memory_available_mb,disk_percent,"
        + "disk_read_mb_s,disk_write_mb_s,network_bytes_sent,network_bytes_recv,load1,uptime_seconds\n"

    static func line(_ host: HostState, isStale: Bool, sampleDuration: Int) -> String {
        let sample = host.sample
        let means = host.means(over: sampleDuration)
        let mebibyte = 1_048_576.0
        let numbers: [Double?] = [
            means.cpuPercent, sample.memory.usedPercent, sample.memory.used.map { Double($0) / mebibyte },
            sample.memory.available.map { Double($0) / mebibyte }, sample.rootFileSystem?.usedPercent,
            means.diskRead.map { $0 / mebibyte }, means.diskWritten.map { $0 / mebibyte },
        ]
        var fields = [sample.timestamp.rfc3339, quoted(sample.host), isStale ? "true" : "false"]
        fields += numbers.map { $0.map(\.description) ?? "" }
        fields += [sample.network.sentBytes, sample.network.receivedBytes].map { $0.map(String.init) ?? "" }
        fields += [sample.cpu.load1, sample.uptime].map { $0.map(\.description) ?? "" }
        return fields.joined(separator: ",") + "\n"
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
