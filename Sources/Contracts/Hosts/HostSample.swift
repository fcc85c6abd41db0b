package import Runtime

/// One reading of a host: the body of a record on `host_metrics`.
///
/// A rate is nil on the first sample after the worker started and whenever its counter was reset. Bytes are bytes;
/// percentages are 0…100. Unknown is nil, never 0.
package struct HostSample: Sendable, Hashable {
    package var host: String
    package var timestamp: Timestamp
    /// Seconds between two samples of this host.
    package var interval: Double
    /// Seconds since the host booted.
    package var uptime: Double?
    package var cpu: CPUSample
    package var memory: MemorySample
    package var fileSystems: [FileSystemSample]
    package var disks: [DiskSample]
    package var network: NetworkSample
    package var gpus: [GPUSample]
    /// Why `gpus` is empty.
    package var gpuReason: String?
    package var processes: Int?
    // Below: nil or empty in records of older workers as well.
    package var pressure: PressureSample?
    /// Nil without control groups.
    package var controlGroup: ControlGroupSample?
    package var temperatures: [TemperatureSample] = []
    /// File handles of all processes together, and what the kernel allows.
    package var openFiles: Int?
    package var maximumOpenFiles: Int?
    /// By their control groups; nil without those. A host with more than some shows the first ones.
    package var containers: [ContainerSample]?
    /// How many there are.
    package var containerCount: Int?
    /// What it cost to take this sample.
    package var sampler: SamplerSample?

    package init(
        host: String, timestamp: Timestamp, interval: Double, uptime: Double? = nil, cpu: CPUSample = CPUSample(),
        memory: MemorySample = MemorySample(), fileSystems: [FileSystemSample] = [], disks: [DiskSample] = [],
        network: NetworkSample = NetworkSample(), gpus: [GPUSample] = [], gpuReason: String? = nil,
        processes: Int? = nil
    ) {
        self.host = host
        self.timestamp = timestamp
        self.interval = interval
        self.uptime = uptime
        self.cpu = cpu
        self.memory = memory
        self.fileSystems = fileSystems
        self.disks = disks
        self.network = network
        self.gpus = gpus
        self.gpuReason = gpuReason
        self.processes = processes
    }

    /// Decodes a record's value.
    package init(json: [UInt8]) throws {
        try self.init(JSONDocument(parsing: json).root)
    }

    package init(_ value: JSONValue) throws(MessageError) {
        host = try value.requiredString("host")
        timestamp = try value.requiredTimestamp("timestamp")
        interval = try value.requiredDouble("interval")
        uptime = value["uptime"]?.double
        cpu = CPUSample(try value.requiredObject("cpu"))
        memory = MemorySample(try value.requiredObject("memory"))
        fileSystems = []
        for element in try value.requiredArray("file_systems").elements {
            fileSystems.append(try FileSystemSample(element))
        }
        disks = []
        for element in try value.requiredArray("disks").elements { disks.append(try DiskSample(element)) }
        network = try NetworkSample(try value.requiredObject("network"))
        gpus = []
        for element in try value.requiredArray("gpus").elements { gpus.append(try GPUSample(element)) }
        gpuReason = value["gpu_reason"]?.string
        processes = value["processes"]?.int
        pressure = value["pressure"].flatMap(PressureSample.init)
        controlGroup = value["cgroup"].flatMap(ControlGroupSample.init)
        if let values = value["temperatures"] {
            for element in values.elements { temperatures.append(try TemperatureSample(element)) }
        }
        openFiles = value["open_files"]?.int
        maximumOpenFiles = value["maximum_open_files"]?.int
        if let values = value["containers"], !values.isNull {
            var samples: [ContainerSample] = []
            for element in values.elements { samples.append(try ContainerSample(element)) }
            containers = samples
        }
        containerCount = value["container_count"]?.int
        sampler = value["sampler"].flatMap(SamplerSample.init)
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 2048)
        write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("host", host)
            writer.member("timestamp", timestamp)
            writer.member("interval", interval)
            writer.member("uptime", uptime)
            writer.member("cpu", object: cpu.writeMembers)
            writer.member("memory", object: memory.writeMembers)
            writer.member("file_systems", array: { writer in for sample in fileSystems { sample.write(to: &writer) } })
            writer.member("disks", array: { writer in for sample in disks { sample.write(to: &writer) } })
            writer.member("network", object: network.writeMembers)
            writer.member("gpus", array: { writer in for sample in gpus { sample.write(to: &writer) } })
            writer.member("gpu_reason", gpuReason)
            writer.member("processes", processes)
            if let pressure {
                writer.member("pressure", object: pressure.writeMembers)
            } else {
                writer.member("pressure", raw: [UInt8]?.none)
            }
            if let controlGroup {
                writer.member("cgroup", object: controlGroup.writeMembers)
            } else {
                writer.member("cgroup", raw: [UInt8]?.none)
            }
            writer.member("temperatures", array: { writer in for sample in temperatures { sample.write(to: &writer) } })
            writer.member("open_files", openFiles)
            writer.member("maximum_open_files", maximumOpenFiles)
            if let containers {
                writer.member(
                    "containers", array: { writer in for sample in containers { sample.write(to: &writer) } })
            } else {
                writer.member("containers", raw: [UInt8]?.none)
            }
            writer.member("container_count", containerCount)
            if let sampler {
                writer.member("sampler", object: sampler.writeMembers)
            } else {
                writer.member("sampler", raw: [UInt8]?.none)
            }
        }
    }
}

extension HostSample {
    static let schema = Schema.object(
        [
            .init("host", .text("gpu-7")),
            .init("timestamp", .time()),
            .init("interval", .number(1, "Seconds between two samples of the host.")),
            .init("uptime", .number(86_400.5, "Seconds since the host booted.").nullable),
            .init("cpu", CPUSample.schema),
            .init("memory", MemorySample.schema),
            .init("file_systems", .array(FileSystemSample.schema)),
            .init("disks", .array(DiskSample.schema)),
            .init("network", NetworkSample.schema),
            .init("gpus", .array(GPUSample.schema)),
            .init("gpu_reason", .text("no NVIDIA driver", "Why there are no GPUs.").nullable),
            .init("processes", .integer(213).nullable),
            .init("pressure", PressureSample.schema.nullable),
            .init("cgroup", ControlGroupSample.schema.nullable),
            .init("temperatures", .array(TemperatureSample.schema)),
            .init("open_files", .integer(1024, "File handles of all processes together.").nullable),
            .init("maximum_open_files", .integer(1_000_000, "What the kernel allows.").nullable),
            .init(
                "containers",
                .array(ContainerSample.schema, "By their control groups, at most 64; null without those.").nullable),
            .init("container_count", .integer(3, "How many there are.").nullable),
            .init("sampler", SamplerSample.schema.nullable),
        ], "One reading of a host. Unknown is null; a rate is null in the first reading."
    ).named("HostSample")
}
