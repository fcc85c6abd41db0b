import Runtime
import Testing

@testable import HTTPKit

@Suite(.timeLimit(.minutes(1))) struct TraceTests {
    private static let id = "0af7651916cd43dd8448eb211c80319c"
    private static let parent = "00-\(id)-b7ad6b7169203331-01"

    private func context(_ headers: HTTPHeaders) -> TraceContext {
        TraceOrigin(headers: headers, seed: (0x1111_4222, 0x8333_4444)).context
    }

    @Test func continuesTheClientsTraceWithASpanOfItsOwn() {
        let trace = context(["TraceParent": Self.parent, "tracestate": "a=1", "Tracestate": "b=2"])
        #expect(trace.traceID == Self.id)
        #expect(trace.spanID != "b7ad6b7169203331")
        #expect(trace.isSampled)
        #expect(trace.state == "a=1,b=2")
        #expect(trace == context(["TraceParent": Self.parent, "tracestate": "a=1,b=2"]), "it is made anew the same")
    }

    @Test(
        arguments: [
            [:], ["traceparent": "00-0-0-00"], ["traceparent": parent, "Traceparent": parent], ["trace-parent": parent],
            ["traceparent": parent.uppercased()], ["tracestate": "a=1"],
        ] as [HTTPHeaders])
    func beginsATraceOfTheServersOwnWords(_ headers: HTTPHeaders) {
        let trace = context(headers)
        #expect(trace.traceID == "00000000111142220000000083334444")
        #expect(!trace.isSampled)
        #expect(trace.state == nil)
    }

    @Test func everyLineOfARequestHasBothIDs() async throws {
        struct Secret: Error {}
        let memory = LogMemory()
        let logger = Logger(component: "http", sink: LogSink(format: .json, memory: memory))
        try await withServer(
            { router in
                router.on(.GET, "/now", .immediate { _, _ in throw Secret() })
                router.on(.GET, "/later", .deferred { _, _ in throw Secret() })
            }, logger: logger
        ) { server in
            let made = try await server.client { client in
                let headers = "traceparent: \(Self.parent)\r\nX-Request-ID: mine\r\n"
                #expect(try client.get("/now", headers: headers).status == 500)
                #expect(try client.get("/later", headers: headers).status == 500)
                return try client.get("/later").header("X-Request-ID")
            }
            let lines = memory.lines.filter { $0.contains(#""event":"handler failed""#) }
            #expect(lines.count == 3)
            for line in lines.prefix(2) {
                #expect(line.contains(#""request_id":"mine","trace_id":"\#(Self.id)""#), "\(line)")
            }
            // A trace that begins here has the digits of the request id that was made here.
            let id = try #require(made)
            let trace = id.filter { $0 != "-" }
            #expect(lines.last?.contains(#""request_id":"\#(id)","trace_id":"\#(trace)""#) == true)
            let observed = await server.observations.first(3)
            #expect(observed.map { $0.logFields["trace_id"] } == [.string(Self.id), .string(Self.id), .string(trace)])
        }
    }
}
