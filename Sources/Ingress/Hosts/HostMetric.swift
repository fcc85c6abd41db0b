internal import Contracts

/// A number of a host whose history is kept, declared once: its name, its unit, and how it is read.
struct HostMetric: Sendable {
    enum Unit: String, Sendable, CaseIterable {
        case percent
        case bytes
        case bytesPerSecond = "bytes_per_second"
        case celsius
        /// Tasks that run or wait, as load averages count them.
        case tasks
    }

    let name: String
    let unit: Unit
    /// What it is of.
    let text: String
    /// From where on it is too much; nil where that depends on the host.
    let warning: Double?
    /// Nil when the sample does not know.
    let read: @Sendable (HostSample) -> Double?
    /// What rows that were written before metrics were kept know of it.
    let earlier: (@Sendable (HostStats) -> Double)?

    private init(
        _ name: String, _ unit: Unit, _ text: String, warning: Double? = nil,
        earlier: (@Sendable (HostStats) -> Double)? = nil, _ read: @escaping @Sendable (HostSample) -> Double?
    ) {
        self.name = name
        self.unit = unit
        self.text = text
        self.warning = warning
        self.earlier = earlier
        self.read = read
    }
}

extension HostMetric {
    /// A metric's place is its number in the rows: new ones are added at the end, up to `HostMetricRow.maximumMetrics`,
    /// and none is taken away. The warnings are those of the alerts where there is one.
    static let all: [HostMetric] = [
        HostMetric("cpu_percent", .percent, "All processors.", warning: 90, earlier: \.cpuPercent) {
            $0.cpu.busyPercent
        },
        HostMetric("iowait_percent", .percent, "Processors that wait for disks.", warning: 25) { $0.cpu.ioWaitPercent },
        HostMetric("steal_percent", .percent, "Taken by the hypervisor.", warning: 10) { $0.cpu.stealPercent },
        HostMetric("load1", .tasks, "The load average of a minute.") { $0.cpu.load1 },
        HostMetric("cpu_pressure_percent", .percent, "Time in which a task waited for a processor.", warning: 40) {
            $0.cpu.pressurePercent
        },
        HostMetric("memory_percent", .percent, "Memory in use.", warning: 90, earlier: \.ramPercent) {
            $0.memory.usedPercent
        },
        HostMetric("memory_used_bytes", .bytes, "Memory in use.", earlier: { $0.ramUsed * 0x1p30 }) {
            $0.memory.used.map(Double.init)
        },
        HostMetric("swap_percent", .percent, "Swap in use; unknown without swap.", warning: 50) {
            $0.memory.swapUsedPercent
        },
        HostMetric("memory_pressure_percent", .percent, "Time in which a task waited for memory.", warning: 10) {
            $0.memory.pressurePercent
        },
        HostMetric("disk_percent", .percent, "The file system of `/`.", warning: 85) {
            $0.rootFileSystem?.usedPercent
        },
        HostMetric("disk_fullest_percent", .percent, "The fullest file system.", warning: 85) {
            $0.fileSystems.compactMap(\.usedPercent).max()
        },
        HostMetric("disk_read_bytes_per_second", .bytesPerSecond, "All disks.") {
            $0.disks.map(\.readBytesPerSecond).sumOfKnown
        },
        HostMetric("disk_written_bytes_per_second", .bytesPerSecond, "All disks.") {
            $0.disks.map(\.writtenBytesPerSecond).sumOfKnown
        },
        HostMetric("disk_busy_percent", .percent, "The busiest disk.", warning: 90) {
            $0.disks.compactMap(\.busyPercent).max()
        },
        HostMetric("network_received_bytes_per_second", .bytesPerSecond, "Without the loopback.") {
            $0.network.receivedBytesPerSecond
        },
        HostMetric("network_sent_bytes_per_second", .bytesPerSecond, "Without the loopback.") {
            $0.network.sentBytesPerSecond
        },
        HostMetric("gpu_percent", .percent, "The first GPU; unknown without one.", warning: 95) {
            $0.gpus.first?.busyPercent
        },
        HostMetric("vram_percent", .percent, "The memory of the first GPU.", warning: 85) {
            $0.gpus.first?.memoryUsedPercent
        },
        HostMetric("vram_used_bytes", .bytes, "The memory of the first GPU.") {
            $0.gpus.first?.memoryUsed.map(Double.init)
        },
        HostMetric("vram_total_bytes", .bytes, "The memory of the first GPU.") {
            $0.gpus.first?.memoryTotal.map(Double.init)
        },
        HostMetric("cpu_temperature_celsius", .celsius, "The hottest sensor of the processors.", warning: 90) {
            $0.cpu.temperatureCelsius
        },
    ]

    static let names = all.map(\.name)

    /// A metric's place by its name.
    static let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
}
