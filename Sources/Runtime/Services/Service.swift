/// A long-running part of the process.
package protocol Service: Sendable {
    /// Names it in logs and errors.
    var name: String { get }

    /// Works until a stop is asked, and returns after a graceful stop.
    ///
    /// Calls `lifecycle.started()` once it is ready: services after it start then. A return before a stop was asked is
    /// a failure of the group. Past the stop deadline the task is cancelled.
    func run(_ lifecycle: Lifecycle) async throws
}
