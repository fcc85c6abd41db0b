/// How long the tiers of a host's history are kept.
package struct HostHistoryLimits: Sendable, Hashable {
    /// Seconds, of the rows that hold a sample each: an hour to a week.
    package var seconds: Int64 = 3600
    /// Minutes, of the rows of minutes and of ten minutes.
    package var minutes: Int64 = 7 * 24 * 60
    /// Hours, of the rows of hours.
    package var hours: Int64 = 8760

    package init() {}

    package static let standard = HostHistoryLimits()
}
