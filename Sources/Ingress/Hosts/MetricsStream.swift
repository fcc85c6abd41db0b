internal import Contracts
internal import HTTPKit
internal import Runtime

/// The samples of one host as they come, until the client leaves, the server stops, or the client's token ends or is
/// taken back.
struct MetricsStream: Sendable {
    let hosts: HostProjection
    let host: String
    let interval: Duration
    let options: SystemMetricsBody.Options
    /// Asked before each sample; nil where they are left out.
    let processes: (@Sendable (HostState) async -> TopProcesses.Outcome)?
    /// When the client's token ends.
    let end: Timestamp?
    /// Whether the client may still read, asked before each sample.
    let isWelcome: @Sendable () -> Bool
    let time: any TimeSource

    /// One `data:` line a sample, with `stream_metadata`.
    var events: HTTPResponse {
        let session = SecureRandom.uuid()
        return .serverSentEvents { writer in
            try await forEachSample { state in
                let processes = await processes?(state) ?? .notAskedFor
                try await writer.send(event: nil, id: nil, data: event(state, processes, session))
            }
        }
    }

    /// A header line, then one line a sample.
    var csv: HTTPResponse {
        let stream = ResponseStream(endsAtDrain: true) { writer in
            try await writer.write(SystemMetricsCSV.header)
            try await forEachSample { state in
                try await writer.write(
                    SystemMetricsCSV.line(
                        state, isStale: hosts.isStale(state), sampleDuration: options.sampleDuration))
            }
        }
        return HTTPResponse(
            headers: ["Content-Type": "text/csv; charset=utf-8", "Cache-Control": "no-store"], body: .stream(stream))
    }

    private func event(_ state: HostState, _ processes: TopProcesses.Outcome, _ session: String) -> [UInt8] {
        let metrics = SystemMetricsBody(
            host: state, isStale: hosts.isStale(state), options: options, processes: processes)
        var writer = JSONWriter(capacity: 1280)
        writer.object { writer in
            metrics.write(to: &writer)
            writer.member(
                "stream_metadata",
                object: { writer in
                    writer.member("session_id", session)
                    writer.member("timestamp", time.now)
                    writer.member("interval", interval.components.seconds)
                })
        }
        return writer.bytes
    }

    /// Sends what is known of the host now, and again after each interval.
    private func forEachSample(_ send: (HostState) async throws -> Void) async throws {
        var next = time.uptime
        while true {
            if let state = hosts.host(host) { try await send(state) }
            next += interval
            var wake = next
            if let end {
                let left = end.duration(since: time.now)
                if left <= .zero { return }
                wake = min(wake, time.uptime + left)
            }
            try await time.sleep(until: wake)
            guard isWelcome() else { return }
            // A client that was slow for longer than an interval does not get the missed samples at once.
            next = max(next, time.uptime - interval)
        }
    }
}
