/// What is written as one line.
struct LogRecord: Sendable {
    var time: Timestamp
    var level: LogLevel
    var component: String
    var event: String
    var fields: LogFields

    /// The line in UTF-8 with its newline. Control characters are escaped; a string value beyond 4,096 bytes is cut.
    func line(_ format: LogFormat) -> [UInt8] {
        var line = LogLine()
        switch format {
        case .text: writeText(to: &line)
        case .json: writeJSON(to: &line)
        }
        line.newline()
        return line.bytes
    }

    private func writeText(to line: inout LogLine) {
        line.time(time)
        line.raw(" ")
        line.raw(level.rawValue)
        // The names of four to seven letters: the commonest line up.
        line.raw(level.rawValue.utf8.count < 5 ? "  " : " ")
        line.escaped(component)
        line.raw(" ")
        line.escaped(event)
        for (name, value) in fields.elements {
            line.raw(" ")
            line.plainName(name)
            line.raw("=")
            switch value {
            case .string(let text): line.word(text)
            case .int(let number): line.raw("\(number)")
            case .double(let number): line.raw("\(number)")
            case .bool(let flag): line.raw(flag ? "true" : "false")
            }
        }
    }

    private func writeJSON(to line: inout LogLine) {
        line.raw("{\"time\":\"")
        line.time(time)
        line.raw("\",\"level\":\"")
        line.raw(level.rawValue)
        line.raw("\",\"component\":")
        line.quoted(component)
        line.raw(",\"event\":")
        line.quoted(event)
        for (name, value) in fields.elements {
            line.raw(",")
            line.quoted(Self.reserved.contains(name) ? name + "_" : name)
            line.raw(":")
            switch value {
            case .string(let text): line.quoted(text)
            case .int(let number): line.raw("\(number)")
            case .double(let number): line.raw(number.isFinite ? "\(number)" : "null")
            case .bool(let flag): line.raw(flag ? "true" : "false")
            }
        }
        line.raw("}")
    }

    /// Keys of the line itself; a field of that name gets an underscore.
    private static let reserved = ["time", "level", "component", "event"]
}
