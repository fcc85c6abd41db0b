/// What one container of a host uses, by its control group.
package struct ContainerSample: Sendable, Hashable {
    /// `docker`, `containerd`, `crio`, `podman`, `lxc` or `nspawn`; nil where the group does not say.
    package var runtime: String?
    package var id: String
    /// Nil where control groups do not know it.
    package var name: String?
    /// Of its control group.
    package var path: String?
    /// How long before the sample it was read: of many containers some are read in each.
    package var ageSeconds: Double?
    /// Of one processor, so that several come to more than 100; nil at first, as all rates.
    package var cpuPercent: Double?
    /// What its quota allows, in processors; nil without one.
    package var limitCores: Double?
    /// Share of the periods in which the quota was used up; nil without one.
    package var throttledPercent: Double?
    /// With the page cache.
    package var memoryUsage: Int?
    /// Without file pages that were not used lately.
    package var workingSet: Int?
    /// Its own, or its parents' if that is less; nil without one.
    package var memoryLimit: Int?
    /// Processes and their threads.
    package var pids: Int?
    /// Of block devices, since it started.
    package var readBytes: Int?
    package var writtenBytes: Int?
    package var readBytesPerSecond: Double?
    package var writtenBytesPerSecond: Double?

    package init(id: String) { self.id = id }

    init(_ value: JSONValue) throws(MessageError) {
        id = try value.requiredString("id")
        runtime = value["runtime"]?.string
        name = value["name"]?.string
        path = value["path"]?.string
        ageSeconds = value["age_seconds"]?.double
        cpuPercent = value["cpu_percent"]?.double
        limitCores = value["limit_cores"]?.double
        throttledPercent = value["throttled_percent"]?.double
        memoryUsage = value["memory_usage_bytes"]?.int
        workingSet = value["working_set_bytes"]?.int
        memoryLimit = value["memory_limit_bytes"]?.int
        pids = value["pids"]?.int
        readBytes = value["read_bytes"]?.int
        writtenBytes = value["written_bytes"]?.int
        readBytesPerSecond = value["read_bytes_per_second"]?.double
        writtenBytesPerSecond = value["written_bytes_per_second"]?.double
    }

    /// As the runtimes' own commands show it: the first 12 digits of an identifier, a whole name.
    package var shortID: String { name == id ? id : String(id.prefix(12)) }

    package func write(to writer: inout JSONWriter) { writer.object(writeMembers) }

    private func writeMembers(to writer: inout JSONWriter) {
        writer.member("runtime", runtime)
        writer.member("id", id)
        writer.member("short_id", shortID)
        writer.member("name", name)
        writer.member("path", path)
        writer.member("age_seconds", ageSeconds)
        writer.member("cpu_percent", cpuPercent)
        writer.member("limit_cores", limitCores)
        writer.member("throttled_percent", throttledPercent)
        writer.member("memory_usage_bytes", memoryUsage)
        writer.member("working_set_bytes", workingSet)
        writer.member("memory_limit_bytes", memoryLimit)
        writer.member("pids", pids)
        writer.member("read_bytes", readBytes)
        writer.member("written_bytes", writtenBytes)
        writer.member("read_bytes_per_second", readBytesPerSecond)
        writer.member("written_bytes_per_second", writtenBytesPerSecond)
    }
}

extension ContainerSample {
    package static let schema = Schema.object([
        .init("runtime", .text("docker", "`docker`, `containerd`, `crio`, `podman`, `lxc`, `nspawn`.").nullable),
        .init("id", .text("4f0c2a1b9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a")),
        .init("short_id", .text("4f0c2a1b9d8e")),
        .init("name", .text("web", "Null where control groups do not know it.").nullable),
        .init("path", .text("/system.slice/docker-4f0c2a1b9d8e.scope", "Of its control group.").nullable),
        .init("age_seconds", .number(0, "Of many containers some are read in each sample.").nullable),
        .init("cpu_percent", .number(150, "Of one processor; several come to more than 100.").nullable),
        .init("limit_cores", .number(2, "Null without a quota.").nullable),
        .init("throttled_percent", .percent(0, "Periods in which the quota was used up.").nullable),
        .init("memory_usage_bytes", .integer(2_147_483_648, "With the page cache.").nullable),
        .init("working_set_bytes", .integer(1_073_741_824, "Without file pages not used lately.").nullable),
        .init("memory_limit_bytes", .integer(4_294_967_296, "Its own, or its parents' if that is less.").nullable),
        .init("pids", .integer(12, "Processes and their threads.").nullable),
        .init("read_bytes", .integer(1_073_741_824, "Of block devices, since it started.").nullable),
        .init("written_bytes", .integer(2_147_483_648, "Of block devices, since it started.").nullable),
        .init("read_bytes_per_second", .number(1_048_576).nullable),
        .init("written_bytes_per_second", .number(2_097_152).nullable),
    ])
}
