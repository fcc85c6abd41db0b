/// Writes events with fields for one component.
///
/// A value: `component` and `with` make new ones. An event is a word such as `listening`; what varies goes in fields.
/// No secret and no payload belongs in either.
package struct Logger: Sendable {
    private var name: String
    private var fields = LogFields()
    private let sink: LogSink?
    private var threshold: LogLevel

    package init(component: String, sink: LogSink) {
        name = component
        self.sink = sink
        threshold = sink.levels.level(of: component)
    }

    private init() {
        name = ""
        sink = nil
        threshold = .error
    }

    /// Writes nothing.
    package static var silent: Logger { Logger() }

    /// The same sink and fields for another component.
    package func component(_ name: String) -> Logger {
        var copy = self
        copy.name = name
        if let sink { copy.threshold = sink.levels.level(of: name) }
        return copy
    }

    /// The same component with fields that stand in its every line.
    package func with(_ fields: LogFields) -> Logger {
        var copy = self
        copy.fields = self.fields.merging(fields)
        return copy
    }

    /// Whether lines of a level are written.
    package func isEnabled(_ level: LogLevel) -> Bool { sink != nil && level >= threshold }

    /// What only helps to find a fault.
    package func debug(_ event: String, _ fields: @autoclosure () -> LogFields = [:]) { log(.debug, event, fields) }

    /// What an operator may want to read later.
    package func info(_ event: String, _ fields: @autoclosure () -> LogFields = [:]) { log(.info, event, fields) }

    /// What is rare, and normal.
    package func notice(_ event: String, _ fields: @autoclosure () -> LogFields = [:]) { log(.notice, event, fields) }

    /// What went wrong and was dealt with.
    package func warning(_ event: String, _ fields: @autoclosure () -> LogFields = [:]) { log(.warning, event, fields) }

    /// What went wrong and needs somebody.
    package func error(_ event: String, _ fields: @autoclosure () -> LogFields = [:]) { log(.error, event, fields) }

    private func log(_ level: LogLevel, _ event: String, _ fields: () -> LogFields) {
        guard let sink, level >= threshold else { return }
        sink.write(level, component: name, event: event, fields: self.fields.merging(fields()))
    }
}
