package import HTTPKit

/// The routes of one subject.
package protocol RouteGroup: Sendable {
    /// Adds the routes; called once, before the server starts.
    func register(in router: inout Router)
}
