import Contracts
import HTTPKit
import MetricsWorker
import Runtime

@testable import HTTPKit
@testable import Ingress
@testable import MetricsWorker
@testable import Runtime

/// Texts that are no JSON: times, settings, targets and headers of requests.
enum TextTargets {
    static var all: [FuzzTarget] { [dates, environment, settings, overrides, query, cursor, headers, trace] }

    private static let dates = FuzzTarget(
        "date",
        texts: [
            "2026-11-21T03:00:00.123456+02:00", "2026-11-21 03:00", "2026-11-21", "20000101", "1795000000.25",
            "2016-12-31T23:59:60Z", "0000-01-01T00:00:00Z", "9999-12-31t23:59:59,999999999-0000",
        ]
    ) { input in
        let text = String(decoding: input, as: UTF8.self)
        let moment = Timestamp(rfc3339: text)
        if let moment {
            try Finding.unlessStable(
                moment, { Array($0.rfc3339.utf8) }, { try timestamp(String(decoding: $0, as: UTF8.self)) })
            _ = (moment.naive, moment.rfc3339Milliseconds, moment.advanced(by: .seconds(1)))
        }
        let local = ISODateTime(text)
        if let local {
            try Finding.unlessStable(
                local, { Array($0.isoFormat.utf8) },
                { text in
                    guard let again = ISODateTime(String(decoding: text, as: UTF8.self)) else { throw Refused() }
                    return again
                })
            _ = local.timestamp.rfc3339
        }
        if moment == nil, local == nil { throw Refused() }
    }

    private static func timestamp(_ text: String) throws -> Timestamp {
        guard let time = Timestamp(rfc3339: text) else { throw Refused() }
        return time
    }

    /// A `traceparent` and, after a line feed, a `tracestate`.
    private static let trace = FuzzTarget(
        "trace",
        texts: [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\nvendor=a,other@b=c;d",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ]
    ) { input in
        let lines = String(decoding: input, as: UTF8.self).split(
            separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard let trace = TraceContext(String(lines[0]), state: lines.count > 1 ? String(lines[1]) : nil) else {
            throw Refused()
        }
        try Finding.unless(trace.state.map { $0.utf8.count <= 512 } ?? true, "the state is too long")
        let again = TraceContext(trace.parent, state: trace.state)
        try Finding.unless(
            again?.parent == trace.parent && again?.state == trace.state, "\(trace.parent) reads otherwise")
    }

    private static let cursor = FuzzTarget(
        "cursor", texts: ["r1763771000000000x6162", "w-1xc3a4", "t1763771000000000x"]
    ) { input in
        guard let cursor = CommandCursor(String(decoding: input, as: UTF8.self)) else { throw Refused() }
        try Finding.unlessStable(
            cursor, { Array($0.text.utf8) },
            { text in
                guard let again = CommandCursor(String(decoding: text, as: UTF8.self)) else { throw Refused() }
                return again
            })
    }

    private static let environment = FuzzTarget(
        "environment_file",
        texts: ["# a comment\nexport A=1\nB='x y' # z\nC=\"a\\n\\$b\"\r\n\nAPI_PORT=8000\n"]
    ) { input in
        for value in try EnvironmentFile.parse(input, path: "f").values { try readAll(value.text) }
    }

    private static let settings = FuzzTarget(
        "setting",
        texts: ["1", "1.5s", "7d", "true", "a, b,c", #"["x", "y"]"#, "~/x", "600/50", "k=hardware:*+x:y", "10.0.0.0/8"]
    ) { try readAll(String(decoding: $0, as: UTF8.self)) }

    /// A text as every type of setting.
    private static func readAll(_ text: String) throws {
        var reader = try Settings(flags: ["x": text], environment: ["HOME": "/h"], file: nil).reader()
        _ = (reader.int("X"), reader.double("X"), reader.bool("X", default: false), reader.path("X"))
        _ = (reader.list("X"), reader.secret("X", minimumBytes: 4), reader.string("X"))
        for unit in [SettingsUnit.milliseconds, .days] {
            _ = reader.duration("X", default: .zero, unit: unit)
            _ = reader.duration("X", default: .zero, unit: unit, in: .zero ... .seconds(60))
        }
        if let limit = RateLimit(text) { _ = RateLimiter(limit, time: SystemTime()).take(.unknown) }
        _ = APIKey(entry: text)
        if let range = AddressRange(text), let address = IPAddress("10.0.0.1") { _ = range.contains(address) }
        _ = CORSOrigins(entries: [text])
        do { try reader.finish() } catch { _ = error.description }
    }

    private static let overrides = FuzzTarget(
        "metrics_source_file",
        texts: [
            #"{"cpu_percent":12.5,"ram_used_gb":1048576,"ram_total_gb":2,"ram_percent":null,"disk_percent":91,"#
                + #""vram_used_mb":1,"vram_total_mb":1073741824,"vram_percent":3,"timestamp":"x","nonsense":1}"#
        ]
    ) { input in
        var sample = HostSample(
            host: "alpha", timestamp: MessageTargets.now, interval: 1,
            memory: MemorySample(total: 4 << 30, used: 1 << 30), fileSystems: [FileSystemSample(mountPoint: "/")],
            gpus: [GPUSample(index: 0)])
        try SampleOverrides(json: input).apply(to: &sample)
        try Finding.unlessStable(sample, \.json, { try HostSample(json: $0) })
    }

    private static let query = FuzzTarget(
        "query", texts: ["hours=24&limit=10&wait=1.5&dry=true&host=a%20b+c&x", "a=b&&=&limit=%31", "=&&&"]
    ) { input in
        let request = HTTPRequest(
            method: .GET, path: "/", query: QueryParameters(raw: String(decoding: input, as: UTF8.self)),
            peer: PeerAddress(host: "::1", port: 1, isLoopback: true), requestID: "r", route: "/")
        var reader = QueryReader(request)
        _ = reader.double("hours", default: 1, in: 0...8760)
        _ = reader.int("limit", default: 1, in: 1...1000)
        _ = reader.double("wait", default: 0, in: 0...60)
        _ = reader.bool("dry", default: false)
        _ = reader.word("host", of: ["alpha"])
        _ = request.query.all("x")
        do throws(HTTPError) {
            try reader.finish()
        } catch {
            if let detail = error.detail { try Finding.unlessJSON(detail) }
        }
    }

    /// Lines `Name: value`, as every part of the ingress reads them that looks at headers.
    private static let headers = FuzzTarget(
        "headers",
        texts: [
            "Origin: http://localhost:3000\nAccess-Control-Request-Method: POST\n"
                + "Access-Control-Request-Headers: Authorization, X-Y",
            "X-Forwarded-For: 192.0.2.1, [2001:db8::1]:80, 10.0.0.1:9",
            "Forwarded: for=\"[2001:db8::1]:4711\";proto=https, For=192.0.2.1",
            "Authorization: Bearer a.b.c\nX-API-Key: k3y", "X-Request-ID: abc\nPrefer: respond-async; x=1, wait=5",
            "Idempotency-Key: k\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ]
    ) { input in
        var headers = HTTPHeaders()
        for line in input.split(separator: 10) {
            let parts = line.split(separator: 58, maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            headers.append(
                String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1].drop { $0 == 32 }, as: UTF8.self))
        }
        if let id = headers.first("X-Request-ID").flatMap(RequestID.init(given:)) {
            try Finding.unless(id.withBytes { $0.allSatisfy { (32...126).contains($0) } }, "a request id is unsafe")
        }
        let policy = try policy.get()
        for method in [HTTPMethod.OPTIONS, .POST] {
            let visit = policy.begin(headers: headers, peer: peer)
            let request = HTTPRequest(
                method: method, path: "/", headers: headers, peer: visit.client, requestID: "r", route: "/x")
            _ = try? CommandSender.Wishes(request)
            var response = HTTPResponse()
            do {
                if let early = try visit.admit(request, isPathKnown: true) { response = early }
            } catch {
                // Refused, which is answered with the same fields.
            }
            visit.amend(&response)
            visit.settle()
            visit.end()
            let fields = Array(response.headers)
            try Finding.unless(
                fields.allSatisfy { !$0.value.utf8.contains { [0, 10, 13].contains($0) } }, "a header is split")
        }
        try Finding.unless(policy.concurrency.count == 0, "a request is still counted")
    }

    private static let peer = PeerAddress(host: "10.0.0.1", port: 9, isLoopback: false)

    private static let policy = Result<IngressPolicy, any Error> {
        var limits = LimitConfiguration()
        limits.trustedProxies = [AddressRange("10.0.0.0/8")].compactMap(\.self)
        limits.rate = RateLimit(perMinute: 60)
        return IngressPolicy(
            configuration: limits, listeningOn: "127.0.0.1", authenticator: try LiveIngress.authenticator,
            time: SystemTime(), metrics: MetricsRegistry())
    }
}
