/// The routes of one subject.
package protocol RouteGroup: Sendable {
    /// Adds the operations; called once, before the server starts.
    func register(in api: inout API)
}
