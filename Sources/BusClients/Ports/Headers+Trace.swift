package import Runtime

extension Headers {
    /// Headers that carry a trace context and nothing else.
    package init(trace: TraceContext) {
        self.init()
        append(trace)
    }

    /// The trace context of whoever sent the message; nil without a valid one.
    package var trace: TraceContext? {
        self[TraceContext.parentField].flatMap { TraceContext($0, state: self[TraceContext.stateField]) }
    }

    /// Adds a trace context after the others.
    package mutating func append(_ trace: TraceContext) {
        append(TraceContext.parentField, trace.parent)
        if let state = trace.state { append(TraceContext.stateField, state) }
    }
}
