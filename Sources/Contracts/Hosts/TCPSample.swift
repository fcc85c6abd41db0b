/// What TCP does in the network namespace of a host, over IPv4 and IPv6.
package struct TCPSample: Sendable, Hashable {
    /// Connections now.
    package var established: Int?
    package var timeWait: Int?
    /// Held by no process any more.
    package var orphaned: Int?
    /// Connections begun by the host, and accepted by it.
    package var activeOpensPerSecond: Double?
    package var passiveOpensPerSecond: Double?
    package var failedAttemptsPerSecond: Double?
    /// Connections that ended by a reset.
    package var resetsPerSecond: Double?
    package var receivedSegmentsPerSecond: Double?
    package var sentSegmentsPerSecond: Double?
    package var retransmittedSegmentsPerSecond: Double?
    /// Of the segments sent; nil when none was.
    package var retransmittedPercent: Double?
    package var receiveErrorsPerSecond: Double?

    package init() {}

    /// Nil for what is no object.
    init?(_ value: JSONValue) {
        guard value.kind == .object else { return nil }
        established = value["established"]?.int
        timeWait = value["time_wait"]?.int
        orphaned = value["orphaned"]?.int
        activeOpensPerSecond = value["active_opens_per_second"]?.double
        passiveOpensPerSecond = value["passive_opens_per_second"]?.double
        failedAttemptsPerSecond = value["failed_attempts_per_second"]?.double
        resetsPerSecond = value["resets_per_second"]?.double
        receivedSegmentsPerSecond = value["received_segments_per_second"]?.double
        sentSegmentsPerSecond = value["sent_segments_per_second"]?.double
        retransmittedSegmentsPerSecond = value["retransmitted_segments_per_second"]?.double
        retransmittedPercent = value["retransmitted_percent"]?.double
        receiveErrorsPerSecond = value["receive_errors_per_second"]?.double
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("established", established)
        writer.member("time_wait", timeWait)
        writer.member("orphaned", orphaned)
        writer.member("active_opens_per_second", activeOpensPerSecond)
        writer.member("passive_opens_per_second", passiveOpensPerSecond)
        writer.member("failed_attempts_per_second", failedAttemptsPerSecond)
        writer.member("resets_per_second", resetsPerSecond)
        writer.member("received_segments_per_second", receivedSegmentsPerSecond)
        writer.member("sent_segments_per_second", sentSegmentsPerSecond)
        writer.member("retransmitted_segments_per_second", retransmittedSegmentsPerSecond)
        writer.member("retransmitted_percent", retransmittedPercent)
        writer.member("receive_errors_per_second", receiveErrorsPerSecond)
    }
}

extension TCPSample {
    static let schema = Schema.object([
        .init("established", .integer(12).nullable),
        .init("time_wait", .integer(3).nullable),
        .init("orphaned", .integer(0, "Held by no process any more.").nullable),
        .init("active_opens_per_second", .number(1.5, "Connections begun by the host.").nullable),
        .init("passive_opens_per_second", .number(2, "Connections accepted by the host.").nullable),
        .init("failed_attempts_per_second", .number(0).nullable),
        .init("resets_per_second", .number(0, "Connections that ended by a reset.").nullable),
        .init("received_segments_per_second", .number(120).nullable),
        .init("sent_segments_per_second", .number(110).nullable),
        .init("retransmitted_segments_per_second", .number(0.5).nullable),
        .init("retransmitted_percent", .percent(0.45, "Of the segments sent.").nullable),
        .init("receive_errors_per_second", .number(0).nullable),
    ])
}
