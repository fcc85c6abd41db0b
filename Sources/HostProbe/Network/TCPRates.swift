/// What TCP did between two readings; a counter that is missing or went backwards is nil.
package struct TCPRates: Sendable, Hashable {
    package var activeOpensPerSecond: Double?
    package var passiveOpensPerSecond: Double?
    package var failedAttemptsPerSecond: Double?
    package var resetsPerSecond: Double?
    package var receivedSegmentsPerSecond: Double?
    package var sentSegmentsPerSecond: Double?
    package var retransmittedSegmentsPerSecond: Double?
    package var receiveErrorsPerSecond: Double?

    /// Percent of the segments sent that were sent again, 0–100; nil when none was sent.
    ///
    /// `OutSegs` does not count segments that hold nothing but what is sent again (RFC 4022).
    package var retransmittedPercent: Double? {
        guard let again = retransmittedSegmentsPerSecond, let sent = sentSegmentsPerSecond, again + sent > 0 else {
            return nil
        }
        return again / (again + sent) * 100
    }

    static func between(_ previous: TCPCounters, _ current: TCPCounters, seconds: Double) -> TCPRates {
        func rate(_ counter: (TCPCounters) -> UInt64?) -> Double? {
            CounterRate.perSecond(counter(previous), counter(current), seconds: seconds)
        }
        return TCPRates(
            activeOpensPerSecond: rate(\.activeOpens), passiveOpensPerSecond: rate(\.passiveOpens),
            failedAttemptsPerSecond: rate(\.failedAttempts), resetsPerSecond: rate(\.resets),
            receivedSegmentsPerSecond: rate(\.receivedSegments), sentSegmentsPerSecond: rate(\.sentSegments),
            retransmittedSegmentsPerSecond: rate(\.retransmittedSegments),
            receiveErrorsPerSecond: rate(\.receiveErrors))
    }
}
