package import HTTPKit

/// What the ingress answers: the routes that serve it, and their descriptions.
///
/// The only way to a route is through its description, so that none is undocumented.
package struct API: Sendable {
    package private(set) var router = Router()
    /// In order of registration.
    package private(set) var operations: [Operation] = []

    package init() {}

    /// Registers an operation; one with a body takes no more bytes than its description says.
    package mutating func on(_ operation: Operation, _ handler: RouteHandler) {
        operations.append(operation)
        router.on(operation.method, operation.path, bodyLimit: operation.body?.limit ?? 1 << 20, handler)
    }
}
