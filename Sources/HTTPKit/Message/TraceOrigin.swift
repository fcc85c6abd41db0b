package import Runtime

/// What a request's trace context is made of, when somebody asks for it: most requests never do.
struct TraceOrigin: Sendable {
    /// Of the request; empty before they are there.
    let headers: HTTPHeaders
    /// Random words of this request's own: those of the request id that the server makes.
    let seed: (high: UInt64, low: UInt64)

    /// This server's span, of the trace that the client names in `traceparent`, or else of a trace of its own; the same
    /// whenever it is asked for.
    ///
    /// A trace that begins here has the digits of the request id, where the server made that as well.
    var context: TraceContext {
        // Differs from both halves of the trace id.
        let span = (seed.high &+ seed.low.mixed).mixed
        return received?.child(span: span) ?? TraceContext(trace: seed, span: span)
    }

    /// The client's; nil without one, and when there are two, of which nobody knows the right one.
    private var received: TraceContext? {
        guard headers.contains("traceparent") else { return nil }
        let parents = headers.all(TraceContext.parentField)
        guard parents.count == 1 else { return nil }
        let states = headers.all(TraceContext.stateField)
        return TraceContext(parents[0], state: states.isEmpty ? nil : states.joined(separator: ","))
    }
}

extension HTTPRequest {
    /// The span of this request, to be passed on with everything that is sent on its behalf.
    ///
    /// Read from the headers each time, so keep it.
    package var trace: TraceContext { TraceOrigin(headers: headers, seed: traceSeed).context }

    /// What stands in every log line about the request.
    package var logFields: LogFields { Self.logFields(requestID: requestID, trace: trace) }

    static func logFields(requestID: String, trace: TraceContext) -> LogFields {
        ["request_id": .string(requestID), "trace_id": .string(trace.traceID)]
    }
}
