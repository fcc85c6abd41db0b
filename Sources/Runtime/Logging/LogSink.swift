/// Where log lines go, in which format and from which level on.
///
/// Safe to use from any thread. Writing never fails for the caller and never blocks it for long: see `LogDescriptor`.
package struct LogSink: Sendable {
    package let levels: LogLevels
    private let format: LogFormat
    private let time: any TimeSource
    private let output: any LogOutput

    /// Writes to a descriptor that stays open while the sink is used.
    package init(
        format: LogFormat = .text, levels: LogLevels = LogLevels(), descriptor: Int32 = 2,
        time: any TimeSource = SystemTime()
    ) {
        self.init(format: format, levels: levels, output: LogDescriptor(descriptor), time: time)
    }

    /// Keeps the lines in memory.
    package init(
        format: LogFormat = .text, levels: LogLevels = LogLevels(.debug), memory: LogMemory,
        time: any TimeSource = SystemTime()
    ) {
        self.init(format: format, levels: levels, output: memory, time: time)
    }

    private init(format: LogFormat, levels: LogLevels, output: any LogOutput, time: any TimeSource) {
        self.format = format
        self.levels = levels
        self.output = output
        self.time = time
    }

    func write(_ level: LogLevel, component: String, event: String, fields: LogFields) {
        let record = LogRecord(time: time.now, level: level, component: component, event: event, fields: fields)
        output.write(record.line(format)) { dropped in
            LogRecord(
                time: time.now, level: .warning, component: "log", event: "lines_dropped",
                fields: ["count": LogValue(dropped)]
            ).line(format)
        }
    }
}

/// Takes whole lines.
protocol LogOutput: Sendable {
    /// Writes a line.
    /// - Parameter notice: The line that says how many were lost, put before this one when some were.
    func write(_ line: [UInt8], notice: (Int) -> [UInt8])
}
