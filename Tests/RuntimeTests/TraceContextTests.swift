import Testing

@testable import Runtime

/// The cases of the W3C's own test suite (https://github.com/w3c/trace-context), as far as they concern one value.
@Suite struct TraceContextTests {
    private static let id = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"
    private static let parent = "00-\(id)-\(span)-01"

    @Test func readsAndWritesTheSame() throws {
        let trace = try #require(TraceContext(Self.parent))
        #expect(trace.traceID == Self.id)
        #expect(trace.spanID == Self.span)
        #expect(trace.isSampled)
        #expect(trace.parent == Self.parent)
        #expect(trace.state == nil)
        let unsampled = try #require(TraceContext("00-\(Self.id)-\(Self.span)-00"))
        #expect(!unsampled.isSampled && unsampled.parent.hasSuffix("-00"))
    }

    @Test func ofTheFlagsOnlySampledIsPassedOn() throws {
        #expect(try #require(TraceContext("00-\(Self.id)-\(Self.span)-ff")).parent == Self.parent)
        #expect(try #require(TraceContext("00-\(Self.id)-\(Self.span)-02")).parent.hasSuffix("-00"))
    }

    @Test(arguments: [" ", "\t", " \t "])
    func whiteSpaceAroundItIsNoPartOfIt(_ blank: String) {
        #expect(TraceContext(blank + Self.parent + blank)?.parent == Self.parent)
    }

    @Test(arguments: [
        "cc-\(id)-\(span)-01", "cc-\(id)-\(span)-01-what-the-future-will-be-like", "01-\(id)-\(span)-01-",
    ])
    func laterVersionsAreReadAsThisOne(_ text: String) {
        #expect(TraceContext(text)?.parent == Self.parent)
    }

    @Test(arguments: [
        "", "-", "00", "00-", String(repeating: "0", count: 10_000),
        // The version.
        "ff-\(id)-\(span)-01", "0-\(id)-\(span)-01", "000-\(id)-\(span)-01", ".0-\(id)-\(span)-01",
        "0.-\(id)-\(span)-01", "CC-\(id)-\(span)-01",
        // More than version 00 has, and what no version may have.
        "00-\(id)-\(span)-01-", "00-\(id)-\(span)-01-x", "00-\(id)-\(span)-01.x", "00-\(id)-\(span)-012",
        "cc-\(id)-\(span)-01.what-the-future-will-be-like", "cc-\(id)-\(span)-012",
        // The trace id.
        "00-00000000000000000000000000000000-\(span)-01", "00-\(id.uppercased())-\(span)-01",
        "00-.af7651916cd43dd8448eb211c80319c-\(span)-01", "00-0af7651916cd43dd8448eb211c80319-\(span)-01",
        "00-0af7651916cd43dd8448eb211c80319cc-\(span)-01", "00-é\(id.dropFirst(2))-\(span)-01",
        // The span id.
        "00-\(id)-0000000000000000-01", "00-\(id)-\(span.uppercased())-01", "00-\(id)-.7ad6b7169203331-01",
        "00-\(id)-b7ad6b716920333-01", "00-\(id)-b7ad6b71692033311-01",
        // The flags.
        "00-\(id)-\(span)-.0", "00-\(id)-\(span)-0.", "00-\(id)-\(span)-0", "00-\(id)-\(span)-001",
        "00-\(id)-\(span)-0A", "00-\(id)-\(span)",
        // The dashes.
        "00_\(id)-\(span)-01", "00-\(id)_\(span)-01", "00-\(id)-\(span)_01", "00\(id)\(span)01",
    ])
    func ignoresWhatIsMalformed(_ text: String) { #expect(TraceContext(text) == nil) }

    @Test func aChildIsAnotherSpanOfTheSameTrace() throws {
        let trace = try #require(TraceContext(Self.parent, state: "a=1"))
        let child = trace.child(span: 0x0102)
        #expect(child.parent == "00-\(Self.id)-0000000000000102-01")
        #expect(child.state == "a=1")
        #expect(trace.child(span: 0).spanID == "0000000000000001")
    }

    @Test func aNewTraceIsNeverZeroAndNotSampled() {
        let trace = TraceContext(trace: (0, 0), span: 0)
        #expect(trace.parent == "00-00000000000000000000000000000001-0000000000000001-00")
        #expect(TraceContext(trace.parent) == trace)
    }

    @Test func idsAreDistinctAndAContinuationKeepsTheTrace() throws {
        let source = TraceIDSource()
        let traces = (0..<1000).map { _ in source.resume(nil) }
        #expect(Set(traces.map(\.traceID)).count == 1000)
        #expect(Set(traces.map(\.spanID)).count == 1000)
        let trace = try #require(TraceContext(Self.parent, state: "a=1"))
        let spans = (0..<1000).map { _ in source.resume(trace) }
        #expect(Set(spans.map(\.spanID)).count == 1000)
        #expect(spans.allSatisfy { $0.traceID == Self.id && $0.isSampled && $0.state == "a=1" && $0 != trace })
        #expect(TraceIDSource().begin().traceID != TraceIDSource().begin().traceID)
    }
}
