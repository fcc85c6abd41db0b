import Glibc

/// Time and processor time of this process since it was made.
struct Measurement {
    let begun = ContinuousClock.now
    private let cpuBefore = Self.cpuSeconds

    /// - Parameter bytes: Added up over what was sent or read, so that the driver can compare it among the programs.
    func outcome(messages: Int, bytes: Int) -> Outcome {
        Outcome(
            messages: messages, seconds: begun.duration(to: .now) / .seconds(1),
            cpuSeconds: Self.cpuSeconds - cpuBefore, bytes: bytes)
    }

    private static var cpuSeconds: Double {
        var usage = rusage()
        // It fails only for a wrong first argument.
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}

/// What came of a command.
struct Outcome {
    let messages: Int
    let seconds: Double
    let cpuSeconds: Double
    let bytes: Int

    var json: String {
        "{\"messages\": \(messages), \"seconds\": \(seconds), \"cpu_seconds\": \(cpuSeconds), \"bytes\": \(bytes)}"
    }
}
