package import Runtime

/// One process of a host, as the hardware API shows it.
package struct ProcessInfo: Sendable, Hashable {
    package var pid: Int
    /// What the kernel calls it: at most 15 bytes of the program's name.
    package var name: String
    /// Such as `running`, `sleeping`, `zombie`; nil for a state without a word.
    package var status: String?
    /// Of one processor, so that several threads come to more than 100; nil before the second reading.
    package var cpuPercent: Double?
    /// Resident.
    package var memoryMiB: Double?
    /// Of the host's memory.
    package var memoryPercent: Double?
    package var threads: Int?
    package var createdAt: Timestamp?
    /// Nil for kernel threads and zombies, and for what may not be read.
    package var commandLine: String?
    package var parentPID: Int?

    package init(
        pid: Int, name: String, status: String? = nil, cpuPercent: Double? = nil, memoryMiB: Double? = nil,
        memoryPercent: Double? = nil, threads: Int? = nil, createdAt: Timestamp? = nil, commandLine: String? = nil,
        parentPID: Int? = nil
    ) {
        self.pid = pid
        self.name = name
        self.status = status
        self.cpuPercent = cpuPercent
        self.memoryMiB = memoryMiB
        self.memoryPercent = memoryPercent
        self.threads = threads
        self.createdAt = createdAt
        self.commandLine = commandLine
        self.parentPID = parentPID
    }

    package init(_ value: JSONValue) throws(MessageError) {
        pid = try value.requiredInt("pid")
        name = try value.requiredString("name")
        status = value["status"]?.string
        cpuPercent = value["cpu_percent"]?.double
        memoryMiB = value["memory_mb"]?.double
        memoryPercent = value["memory_percent"]?.double
        threads = value["threads"]?.int
        createdAt = value["created_time"]?.timestamp
        commandLine = value["command_line"]?.string
        parentPID = value["parent_pid"]?.int
    }

    package func write(to writer: inout JSONWriter) { writer.object(writeMembers) }

    private func writeMembers(to writer: inout JSONWriter) {
        writer.member("pid", pid)
        writer.member("name", name)
        writer.member("status", status)
        writer.member("cpu_percent", cpuPercent)
        writer.member("memory_mb", memoryMiB)
        writer.member("memory_percent", memoryPercent)
        writer.member("threads", threads)
        writer.member("created_time", createdAt)
        writer.member("command_line", commandLine)
        writer.member("parent_pid", parentPID)
    }
}

extension ProcessInfo {
    package static let schema = Schema.object(
        [
            .init("pid", .integer(4711)),
            .init("name", .text("python3", "What the kernel calls it: at most 15 bytes of the program's name.")),
            .init(
                "status",
                .words([
                    "running", "sleeping", "disk-sleep", "stopped", "tracing-stop", "zombie", "dead", "wake-kill",
                    "waking", "parked", "idle",
                ]).nullable),
            .init(
                "cpu_percent",
                .number(
                    12.5,
                    "Of one processor, so that several threads come to more than 100; null for a process that has "
                        + "just come."
                ).nullable),
            .init("memory_mb", .number(182.4, "Resident, in MiB.").nullable),
            .init("memory_percent", .percent(4.5, "Of the host's memory.").nullable),
            .init("threads", .integer(8).nullable),
            .init("created_time", .time().nullable),
            .init(
                "command_line",
                .text("python3 -m train --epochs 3", "At most 4096 bytes; null for kernel threads and zombies.")
                    .nullable),
            .init("parent_pid", .integer(1, "0 for what the kernel started.").nullable),
        ], "One process of a host."
    ).named("ProcessInfo")
}
