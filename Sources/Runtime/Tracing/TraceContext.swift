/// Which trace something belongs to, and which span of it caused it: W3C Trace Context, version 00
/// (https://www.w3.org/TR/trace-context/).
///
/// A value of five words: texts are made when somebody asks for them.
package struct TraceContext: Sendable, Hashable {
    /// The name of the header field, in HTTP and in messages.
    package static let parentField = "traceparent"
    /// The name of the header field with what tracing systems pass on to each other.
    package static let stateField = "tracestate"

    /// The 16 bytes of the trace id; not both 0.
    private let high: UInt64
    private let low: UInt64
    /// The 8 bytes of the span id, which the specification calls `parent-id`; not 0.
    private let span: UInt64
    /// Whether whoever began the trace may have recorded it.
    package let isSampled: Bool
    /// What came with it for other tracing systems, at most 512 characters; nil for nothing.
    package let state: String?

    private init(high: UInt64, low: UInt64, span: UInt64, isSampled: Bool, state: String?) {
        self.high = high
        self.low = low
        self.span = span
        self.isSampled = isSampled
        self.state = state
    }

    /// Begins a trace. Nothing is recorded beside the log, so it is not marked as sampled.
    /// - Parameters:
    ///   - trace: 16 random bytes; of zeros, which the specification does not allow, the last becomes 1.
    ///   - span: 8 random bytes, likewise.
    package init(trace: (high: UInt64, low: UInt64), span: UInt64) {
        self.init(
            high: trace.high, low: trace.high | trace.low == 0 ? 1 : trace.low, span: max(1, span), isSampled: false,
            state: nil)
    }

    /// Reads a `traceparent`; nil when the specification says to begin a trace in its place.
    ///
    /// Of a version after 00 the fields of 00 are taken, and of its flags the one that 00 has.
    /// - Parameter state: the `tracestate` that came with it; a malformed one is left out.
    package init?(_ parent: String, state: String? = nil) {
        var parent = parent
        let read = parent.withUTF8 { TraceParentText($0) }
        guard let read else { return nil }
        self.init(
            high: read.high, low: read.low, span: read.span, isSampled: read.flags & 1 == 1,
            state: state.flatMap { TraceState.bounded($0) })
    }

    /// The same trace with another span: what is done on behalf of this one.
    /// - Parameter span: 8 random bytes; 0 becomes 1.
    package func child(span: UInt64) -> TraceContext {
        TraceContext(high: high, low: low, span: max(1, span), isSampled: isSampled, state: state)
    }

    /// The trace id: 32 hexadecimal digits in lower case.
    package var traceID: String {
        String(unsafeUninitializedCapacity: 32) { text in
            Self.write(high, to: text, at: 0)
            Self.write(low, to: text, at: 16)
            return 32
        }
    }

    /// The span id: 16 hexadecimal digits in lower case.
    package var spanID: String {
        String(unsafeUninitializedCapacity: 16) { text in
            Self.write(span, to: text, at: 0)
            return 16
        }
    }

    /// `00-<trace id>-<span id>-<flags>`, 55 characters.
    package var parent: String {
        String(unsafeUninitializedCapacity: TraceParentText.length) { text in
            text.initialize(repeating: UInt8(ascii: "0"))
            for dash in TraceParentText.dashes { text[dash] = UInt8(ascii: "-") }
            Self.write(high, to: text, at: 3)
            Self.write(low, to: text, at: 19)
            Self.write(span, to: text, at: 36)
            if isSampled { text[54] = UInt8(ascii: "1") }
            return TraceParentText.length
        }
    }

    /// What stands in every log line about it.
    package var logFields: LogFields { ["trace_id": .string(traceID)] }

    private static func write(_ word: UInt64, to text: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
        for index in 0..<16 {
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * index)) & 15
            text[start + index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
    }
}
