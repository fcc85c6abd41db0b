/// What tells a process from every other since boot: its id is given again once it has ended.
package struct ProcessIdentity: Sendable, Hashable {
    package var pid: Int32
    /// When it started, in clock ticks since boot.
    package var startTicks: UInt64

    package init(pid: Int32, startTicks: UInt64) {
        self.pid = pid
        self.startTicks = startTicks
    }
}

/// `/proc/<pid>/stat` (proc(5)).
package struct ProcessStat: Sendable, Hashable {
    package var identity: ProcessIdentity
    /// At most 15 bytes of a program's name, up to 63 of a kernel thread's, and any character: parentheses and newlines
    /// too.
    package var name: String
    /// Nil for a letter that this version does not know.
    package var state: ProcessState?
    /// 0 for the first process and the kernel's.
    package var parent: Int32
    package var threads: Int
    /// As the scheduler has it: 20 + nice for normal processes, negative for real-time ones.
    package var priority: Int
    /// −20 to 19.
    package var nice: Int
    /// User and system time of all its threads, the ended ones included, in clock ticks.
    package var processorTicks: UInt64
    package var virtualBytes: UInt64
    package var residentPages: UInt64

    package init(
        identity: ProcessIdentity, name: String, state: ProcessState? = .sleeping, parent: Int32 = 1, threads: Int = 1,
        priority: Int = 20, nice: Int = 0, processorTicks: UInt64 = 0, virtualBytes: UInt64 = 0,
        residentPages: UInt64 = 0
    ) {
        self.identity = identity
        self.name = name
        self.state = state
        self.parent = parent
        self.threads = threads
        self.priority = priority
        self.nice = nice
        self.processorTicks = processorTicks
        self.virtualBytes = virtualBytes
        self.residentPages = residentPages
    }

    /// Nil for what is no such file.
    ///
    /// The name may hold any byte, so its end is the last parenthesis: only numbers follow.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        var cursor = ByteCursor(bytes)
        guard var head = cursor.upToLast(UInt8(ascii: ")")), let pid = head.digits(), head.skip(" ("),
            let pid = Int32(exactly: pid)
        else { return nil }
        name = head.text
        guard let letter = cursor.word()?.first else { return nil }
        state = ProcessState(letter)
        guard let parent = cursor.signedInteger(), let parent = Int32(exactly: parent), cursor.skipWords(9),
            let user = cursor.integer(), let system = cursor.integer(), cursor.skipWords(2),
            let priority = cursor.signedInteger(), let nice = cursor.signedInteger(),
            let threads = cursor.signedInteger(), cursor.skipWords(1), let start = cursor.integer(),
            let virtual = cursor.integer(), let resident = cursor.signedInteger()
        else { return nil }
        identity = ProcessIdentity(pid: pid, startTicks: start)
        self.parent = parent
        self.threads = Int(threads)
        self.priority = Int(priority)
        self.nice = Int(nice)
        let (sum, isTooLarge) = user.addingReportingOverflow(system)
        processorTicks = isTooLarge ? .max : sum
        virtualBytes = virtual
        residentPages = UInt64(max(resident, 0))
    }
}

/// What a process does.
package enum ProcessState: String, Sendable, Hashable {
    case running
    case sleeping
    /// Waits for a device and cannot be interrupted.
    case diskSleep = "disk-sleep"
    case stopped
    case tracingStop = "tracing-stop"
    /// Has ended; its parent has not asked how.
    case zombie
    case dead
    case wakeKill = "wake-kill"
    case waking
    case parked
    /// A kernel thread without work.
    case idle

    /// The kernel's letter.
    init?(_ letter: UInt8) {
        switch letter {
        case UInt8(ascii: "R"): self = .running
        case UInt8(ascii: "S"): self = .sleeping
        case UInt8(ascii: "D"): self = .diskSleep
        case UInt8(ascii: "T"): self = .stopped
        case UInt8(ascii: "t"): self = .tracingStop
        case UInt8(ascii: "Z"): self = .zombie
        case UInt8(ascii: "X"), UInt8(ascii: "x"): self = .dead
        case UInt8(ascii: "K"): self = .wakeKill
        case UInt8(ascii: "W"): self = .waking
        case UInt8(ascii: "P"): self = .parked
        case UInt8(ascii: "I"): self = .idle
        default: return nil
        }
    }
}
